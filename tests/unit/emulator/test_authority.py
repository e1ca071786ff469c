"""The local certificate authority: private, limited to WeChat's hosts, renewed in time."""

from __future__ import annotations

import datetime as dt
import ipaddress
import ssl
import stat
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from openapi_shim.emulator.proxy.authority import Authority
from openapi_shim.emulator.proxy.hosts import WECHAT_HOSTS
from openapi_shim.errors import ConfigError

NOW = dt.datetime.now(dt.timezone.utc)


def shake_hands(server: ssl.SSLContext, trusted: Path, host: str) -> None:
    """A TLS handshake in memory."""
    client = ssl.create_default_context(cafile=str(trusted))
    to_server, to_client = ssl.MemoryBIO(), ssl.MemoryBIO()
    ends = [
        client.wrap_bio(to_client, to_server, server_hostname=host),
        server.wrap_bio(to_server, to_client, server_side=True),
    ]
    while ends:
        ends = [end for end in ends if not done(end)]


def done(end: ssl.SSLObject) -> bool:
    """Take the handshake of one end as far as it goes."""
    try:
        end.do_handshake()
    except ssl.SSLWantReadError:
        return False
    return True


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority(tmp_path / "state" / "ca")


@pytest.mark.parametrize("host", WECHAT_HOSTS)
def test_clients_that_trust_it_reach_wechat_s_hosts(authority: Authority, host: str) -> None:
    shake_hands(authority.server_context(), authority.ready(), host)


def test_the_key_is_for_its_owner_alone(authority: Authority) -> None:
    certificate = authority.ready()
    key = certificate.with_name("ca.key")
    assert stat.S_IMODE(key.stat().st_mode) == 0o600
    assert stat.S_IMODE(certificate.parent.stat().st_mode) == 0o700
    assert b"PRIVATE" not in authority.bundle().read_bytes()


def test_it_can_vouch_for_no_other_host(authority: Authority) -> None:
    certificate = authority.ready()
    issuer = x509.load_pem_x509_certificate(certificate.read_bytes())
    signer = serialization.load_pem_private_key(
        certificate.with_name("ca.key").read_bytes(), password=None
    )
    assert isinstance(signer, ec.EllipticCurvePrivateKey)
    key = ec.generate_private_key(ec.SECP256R1())
    for name, refusal in (
        (x509.DNSName("bank.example"), "permitted subtree violation"),
        (x509.DNSName("qq.com"), "permitted subtree violation"),
        (x509.IPAddress(ipaddress.ip_address("192.0.2.1")), "excluded subtree violation"),
        (x509.IPAddress(ipaddress.ip_address("2001:db8::1")), "excluded subtree violation"),
        (x509.DNSName(WECHAT_HOSTS[0]), ""),
    ):
        forged = (
            x509.CertificateBuilder()
            .subject_name(x509.Name([]))
            .issuer_name(issuer.subject)
            .public_key(key.public_key())
            .serial_number(1)
            .not_valid_before(NOW - dt.timedelta(hours=1))
            .not_valid_after(NOW + dt.timedelta(days=1))
            .add_extension(x509.SubjectAlternativeName([name]), critical=True)
            .sign(signer, hashes.SHA256())
        )
        file = certificate.with_name("forged.pem")
        file.write_bytes(
            forged.public_bytes(serialization.Encoding.PEM)
            + key.private_bytes(
                serialization.Encoding.PEM,
                serialization.PrivateFormat.PKCS8,
                serialization.NoEncryption(),
            )
        )
        server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        server.load_cert_chain(file)
        if not refusal:
            shake_hands(server, certificate, str(name.value))
        else:
            with pytest.raises(ssl.SSLCertVerificationError, match=refusal):
                shake_hands(server, certificate, str(name.value))


def test_it_stays_the_same_until_it_is_near_its_end(tmp_path: Path) -> None:
    now = [NOW]
    authority = Authority(tmp_path, lambda: now[0])
    first = authority.ready().read_bytes()
    now[0] += dt.timedelta(days=600)
    assert Authority(tmp_path, lambda: now[0]).ready().read_bytes() == first
    now[0] += dt.timedelta(days=110)
    assert authority.ready().read_bytes() != first


def test_a_server_that_runs_for_weeks_renews_its_certificate(tmp_path: Path) -> None:
    now = [NOW]
    authority = Authority(tmp_path, lambda: now[0])
    context = authority.server_context()
    assert authority.server_context() is context
    now[0] += dt.timedelta(days=8)
    assert authority.server_context() is not context


@pytest.mark.parametrize("broken", ["ca.pem", "ca.key"])
def test_a_broken_file_is_made_anew(authority: Authority, broken: str) -> None:
    certificate = authority.ready()
    certificate.with_name(broken).write_text("not PEM")
    shake_hands(authority.server_context(), authority.ready(), WECHAT_HOSTS[0])


def test_a_foreign_key_beside_it_is_not_used(authority: Authority, tmp_path: Path) -> None:
    other = Authority(tmp_path / "other")
    key = other.ready().with_name("ca.key").read_bytes()
    authority.ready().with_name("ca.key").write_bytes(key)
    shake_hands(authority.server_context(), authority.ready(), WECHAT_HOSTS[0])


def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "state").write_text("a file")
    with pytest.raises(ConfigError, match="OPENAPI_SHIM_STATE_DIR"):
        Authority(tmp_path / "state" / "ca").ready()
