"""Which network addresses a foreign URL may lead to."""

from __future__ import annotations

import ipaddress

from openapi_shim.settings import ImageUrlPolicy

Address = ipaddress.IPv4Address | ipaddress.IPv6Address

# Where clouds hand out the credentials of the machine; never right for an image.
_METADATA = frozenset(
    ipaddress.ip_address(text)
    for text in (
        "169.254.169.254",
        "100.100.100.200",
        "168.63.129.16",
        "192.0.0.192",
        "fd00:ec2::254",
    )
)
_NAT64 = (ipaddress.ip_network("64:ff9b::/96"), ipaddress.ip_network("64:ff9b:1::/48"))
_COMPATIBLE = ipaddress.ip_network("::/96")


def why_refused(address: Address, policy: ImageUrlPolicy) -> str:
    """Why *address* may not be connected to under *policy*, or an empty string."""
    inner = _embedded(address)
    if inner is not None:
        reason = why_refused(inner, policy)
        return f"another spelling of {inner}, {reason}" if reason else ""
    if address in _METADATA:
        return "the place where clouds keep a machine's credentials"
    for applies, kind in (
        (address.is_unspecified, "the unspecified address"),
        (address.is_multicast, "a multicast address"),
        (address.is_link_local, "a link-local address"),
    ):
        if applies:
            return kind
    if address.is_loopback:
        return "this machine itself" if policy is ImageUrlPolicy.PUBLIC else ""
    if not address.is_global and policy is not ImageUrlPolicy.ANY:
        return "an address of a private network"
    return ""


def _embedded(address: Address) -> ipaddress.IPv4Address | None:
    """The IPv4 address that packets for an IPv6 *address* end at, where there is one."""
    if isinstance(address, ipaddress.IPv4Address):
        return None
    mapped = address.ipv4_mapped or address.sixtofour
    if mapped is not None:
        return mapped
    if address.teredo is not None:
        return address.teredo[1]
    if any(address in network for network in _NAT64):
        return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    if address in _COMPATIBLE and not (address.is_unspecified or address.is_loopback):
        return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    return None
