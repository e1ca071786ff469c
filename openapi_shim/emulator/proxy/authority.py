"""A certificate authority of this machine, good for WeChat's hosts and no others.

It is made on first use. Its key can be read by its owner alone, and its certificate says by name
constraints (RFC 5280, 4.2.1.10) which hosts it may vouch for: who trusts it lets nobody pretend to
be a bank.
"""

from __future__ import annotations

import datetime as dt
import ipaddress
import os
import ssl
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from openapi_shim.emulator.proxy.hosts import WECHAT_HOSTS
from openapi_shim.errors import ConfigError

Now = Callable[[], dt.datetime]

AUTHORITY = "ca"
"""Its folder in the state folder."""

BUNDLE = "bundle.pem"
"""Beside the certificate: it and the roots that this machine trusts, for clients whose setting
replaces their roots."""

_CERTIFICATE = "ca.pem"
_KEY = "ca.key"
_KNOWN_BUNDLES = (
    "/etc/ssl/certs/ca-certificates.crt",  # Debian, Alpine
    "/etc/pki/tls/certs/ca-bundle.crt",  # Fedora
    "/etc/ssl/cert.pem",  # macOS, BSD
)
_NAME = "openapi_shim local authority (WeChat's hosts only)"
_LIFE = dt.timedelta(days=730)
_RENEW = dt.timedelta(days=30)  # before its end, so that a leaf never outlives it
_LEAF_LIFE = dt.timedelta(days=14)
_SKEW = dt.timedelta(hours=1)  # clocks differ


def proxy_variables(url: str, folder: Path) -> dict[str, str]:
    """The variables by which clients take the emulator at *url* for their proxy and trust it.

    Some clients take our certificate beside their own roots, others in place of them: these get
    a file with both.

    Args:
        url: of the emulator.
        folder: of its authority.

    Raises:
        ConfigError: the authority cannot be kept.
    """
    authority = Authority(folder)
    certificate, bundle = str(authority.ready()), str(authority.bundle())
    return {
        "HTTPS_PROXY": url,
        "https_proxy": url,
        "SSL_CERT_FILE": bundle,
        "REQUESTS_CA_BUNDLE": bundle,
        "CURL_CA_BUNDLE": bundle,
        "NODE_EXTRA_CA_CERTS": certificate,
        "NO_PROXY": "localhost,127.0.0.1,::1",
        "no_proxy": "localhost,127.0.0.1,::1",
    }


def _utc_now() -> dt.datetime:
    return dt.datetime.now(dt.timezone.utc)


@dataclass(frozen=True)
class _Pair:
    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey


class Authority:
    """The authority kept in a folder.

    Args:
        folder: of its certificate and key; made on first use.
        now: the time, aware of its zone.
    """

    def __init__(self, folder: Path, now: Now = _utc_now) -> None:
        self._folder = folder
        self._now = now
        self._context: tuple[ssl.SSLContext, dt.datetime] | None = None

    @property
    def certificate(self) -> Path:
        """The certificate that clients are to trust, PEM; it is there once :meth:`ready` was."""
        return self._folder / _CERTIFICATE

    def ready(self) -> Path:
        """Make the authority if there is none, or if it is near its end; its certificate's file.

        Raises:
            ConfigError: the folder cannot be written.
        """
        self._pair()
        return self.certificate

    def bundle(self) -> Path:
        """A file with the authority's certificate and the machine's own roots, made anew.

        Raises:
            ConfigError: the folder cannot be written.
        """
        own = self.ready().read_bytes()
        path = self._folder / BUNDLE
        try:
            _replace(path, own + _roots(), 0o644)
        except OSError as error:
            raise _unkept(self._folder, error) from error
        return path

    def server_context(self) -> ssl.SSLContext:
        """TLS for a server that has the names of all of WeChat's hosts.

        Raises:
            ConfigError: the folder cannot be written.
        """
        now = self._now()
        if self._context is None or now > self._context[1]:
            leaf = _leaf(self._pair(), now)
            self._context = (_context(leaf), now + _LEAF_LIFE / 2)
        return self._context[0]

    def _pair(self) -> _Pair:
        try:
            found = self._read()
            if found is not None:
                return found
            made = _authority(self._now())
            self._write(made)
        except OSError as error:
            raise _unkept(self._folder, error) from error
        return made

    def _read(self) -> _Pair | None:
        """What is in the folder, unless it is missing, broken, or ends soon."""
        try:
            certificate = x509.load_pem_x509_certificate(self.certificate.read_bytes())
            key = serialization.load_pem_private_key((self._folder / _KEY).read_bytes(), None)
        except (FileNotFoundError, ValueError):
            return None
        ends = certificate.not_valid_after_utc
        if not isinstance(key, ec.EllipticCurvePrivateKey) or self._now() > ends - _RENEW:
            return None
        return _Pair(certificate, key) if key.public_key() == certificate.public_key() else None

    def _write(self, pair: _Pair) -> None:
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        key = pair.key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        # The certificate comes last: where it is, its key is.
        _replace(self._folder / _KEY, key, 0o600)
        certificate = pair.certificate.public_bytes(serialization.Encoding.PEM)
        _replace(self.certificate, certificate, 0o644)


def _unkept(folder: Path, error: OSError) -> ConfigError:
    return ConfigError(
        f"the local certificate authority cannot be kept in {folder}: {error.strerror or error}; "
        "choose another folder with OPENAPI_SHIM_STATE_DIR"
    )


def _roots() -> bytes:
    """The roots that OpenSSL trusts here, PEM; nothing where it keeps none in one file."""
    paths = ssl.get_default_verify_paths()
    candidates = (paths.cafile, paths.openssl_cafile, *_KNOWN_BUNDLES)
    for name in candidates:
        if name and Path(name).is_file():
            return b"\n" + Path(name).read_bytes()
    context = ssl.create_default_context()
    ders = context.get_ca_certs(binary_form=True)
    return "".join(ssl.DER_cert_to_PEM_cert(der) for der in ders).encode()


def _replace(path: Path, content: bytes, mode: int) -> None:
    """Write *path* whole or not at all, never readable by more than *mode* lets."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")  # 0600 from the first
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        Path(name).chmod(mode)
        Path(name).replace(path)
    except OSError:
        Path(name).unlink(missing_ok=True)
        raise


def _authority(now: dt.datetime) -> _Pair:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, _NAME)])
    allowed = [x509.DNSName(host) for host in WECHAT_HOSTS]
    # What is allowed limits names of its own kind only: addresses have to be ruled out.
    refused = [x509.IPAddress(ipaddress.ip_network(every)) for every in ("0.0.0.0/0", "::/0")]
    usage = x509.KeyUsage(
        digital_signature=False,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=True,
        crl_sign=True,
        encipher_only=False,
        decipher_only=False,
    )
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - _SKEW)
        .not_valid_after(now + _LIFE)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(x509.NameConstraints(allowed, refused), critical=True)
        .add_extension(usage, critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .sign(key, hashes.SHA256())
    )
    return _Pair(certificate, key)


def _leaf(authority: _Pair, now: dt.datetime) -> _Pair:
    key = ec.generate_private_key(ec.SECP256R1())
    issuer = authority.key.public_key()
    certificate = (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, WECHAT_HOSTS[0])]))
        .issuer_name(authority.certificate.subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - _SKEW)
        .not_valid_after(now + _LEAF_LIFE)
        .add_extension(
            x509.SubjectAlternativeName([x509.DNSName(host) for host in WECHAT_HOSTS]),
            critical=False,
        )
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer), critical=False)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .sign(authority.key, hashes.SHA256())
    )
    return _Pair(certificate, key)


def _context(leaf: _Pair) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.set_alpn_protocols(["http/1.1"])
    # ssl takes a key from a file only; this one lives as long as this block, for its owner alone.
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "leaf.pem"
        path.touch(0o600)
        path.write_bytes(
            leaf.key.private_bytes(
                serialization.Encoding.PEM,
                serialization.PrivateFormat.PKCS8,
                serialization.NoEncryption(),
            )
            + leaf.certificate.public_bytes(serialization.Encoding.PEM)
        )
        context.load_cert_chain(path)
    return context
