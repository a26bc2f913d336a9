//! Where a request comes from, as far as it can be known: what tries to sign in are counted by.

use std::convert::Infallible;
use std::net::{IpAddr, Ipv6Addr, SocketAddr};

use axum::extract::{ConnectInfo, FromRequestParts};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName};

const X_FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");

/// The network address of a visitor, or what stands for a network of theirs.
#[derive(Debug)]
pub(super) struct ClientAddress(pub(super) String);

impl<S: Send + Sync> FromRequestParts<S> for ClientAddress {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        let peer = parts.extensions.get::<ConnectInfo<SocketAddr>>().map(|ConnectInfo(peer)| peer.ip());
        Ok(Self(peer.map_or_else(|| "unknown".to_owned(), |peer| network(seen_by_proxy(&parts.headers, peer)))))
    }
}

/// A proxy on this machine or in a private network is believed, for otherwise everybody behind it would be one; nobody else is, who
/// could count under the name of others. The last entry is the one that this proxy wrote.
fn seen_by_proxy(headers: &HeaderMap, peer: IpAddr) -> IpAddr {
    let said = headers.get_all(X_FORWARDED_FOR).iter().next_back().and_then(|value| value.to_str().ok());
    let last = said.and_then(|addresses| addresses.rsplit(',').next()?.trim().parse().ok());
    if is_near(peer.to_canonical()) { last.unwrap_or(peer) } else { peer }
}

/// Whether an address is of this machine or of a private network (RFC 1918, RFC 4193).
const fn is_near(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => address.is_loopback() || address.is_private(),
        IpAddr::V6(address) => address.is_loopback() || address.is_unique_local(),
    }
}

/// An address, or the 64 bits of it that a provider gives to one customer.
fn network(address: IpAddr) -> String {
    match address.to_canonical() {
        IpAddr::V4(address) => address.to_string(),
        IpAddr::V6(address) => {
            let [a, b, c, d, ..] = address.segments();
            format!("{}/64", Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0))
        }
    }
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    #[test]
    fn a_proxy_nearby_is_believed_and_nobody_else() {
        let check = |peer: &str, said: &'static str, address: &str| {
            let headers = HeaderMap::from_iter([(X_FORWARDED_FOR, HeaderValue::from_static(said))]);
            assert_eq!(network(seen_by_proxy(&headers, peer.parse().unwrap())), address, "{peer} {said}");
        };
        check("127.0.0.1", "203.0.113.9, 198.51.100.7", "198.51.100.7");
        check("::1", "198.51.100.7", "198.51.100.7");
        check("::ffff:127.0.0.1", "198.51.100.7", "198.51.100.7");
        check("127.0.0.1", "nonsense", "127.0.0.1");
        check("10.0.0.7", "198.51.100.7", "198.51.100.7");
        check("fd00::7", "198.51.100.7", "198.51.100.7");
        check("192.0.2.4", "198.51.100.7", "192.0.2.4");
        check("2001:db8:1:2:3:4:5:6", "198.51.100.7", "2001:db8:1:2::/64");
    }
}
