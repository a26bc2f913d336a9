//! Where requests may lead that somebody else has named: to the public internet, and to what an operator allows beside it.
//!
//! An address is looked at when the connection is made, not before, so that a name which answers differently the second time gains
//! nothing. Knows nothing of what is sent.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use reqwest::redirect::Policy;
use reqwest::{Client, ClientBuilder, Url};
use serde::Deserialize;

/// The longest address that something is sent to, in characters.
pub const LONGEST_URL_CHARS: usize = 2000;
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
const USER_AGENT: &str = concat!("backchannel/", env!("CARGO_PKG_VERSION"));

/// Why nothing can be sent to an address; each says what to do.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unfit {
    /// It does not parse.
    #[error("not an address: expected one such as https://hooks.example/backchannel")]
    NoUrl,
    /// It is too long.
    #[error("{0} characters: at most {LONGEST_URL_CHARS} fit")]
    TooLong(usize),
    /// It would travel in the open.
    #[error("`{0}` is not encrypted: use https; http is for this machine alone, where `webhooks.allowed_networks` has 127.0.0.0/8")]
    NotHttps(String),
    /// It holds a name or a password.
    #[error("it holds a user name or a password: leave them out, and verify the signature instead")]
    UserInfo,
    /// It holds a fragment.
    #[error("it ends in a fragment (`#…`), which no receiver would see: leave it out")]
    Fragment,
    /// It names an address where nothing may be sent.
    #[error("this address is private or reserved: use a public one, or have the operator add its network to `webhooks.allowed_networks`")]
    Forbidden,
}

/// A block of addresses, such as `10.20.0.0/16` or `fd00::/8`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct Network {
    base: IpAddr,
    prefix_bits: u8,
}

/// A text that is not a block of addresses.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a network: expected an address and the length of its prefix, such as 10.20.0.0/16 or 127.0.0.0/8")]
pub struct InvalidNetwork(String);

/// A name or address that leads where nothing may be sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the address is private or reserved and is not in `webhooks.allowed_networks`")]
pub struct Forbidden;

impl FromStr for Network {
    type Err = InvalidNetwork;

    fn from_str(given: &str) -> Result<Self, InvalidNetwork> {
        let invalid = || InvalidNetwork(given.chars().take(80).collect());
        let (base, bits) = given.trim().split_once('/').ok_or_else(invalid)?;
        let (base, prefix_bits): (IpAddr, u8) = (base.parse().map_err(|_| invalid())?, bits.parse().map_err(|_| invalid())?);
        let most = if base.is_ipv4() { 32 } else { 128 };
        if prefix_bits > most { Err(invalid()) } else { Ok(Self { base, prefix_bits }) }
    }
}

impl TryFrom<String> for Network {
    type Error = InvalidNetwork;

    fn try_from(given: String) -> Result<Self, InvalidNetwork> {
        given.parse()
    }
}

impl fmt::Display for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.base, self.prefix_bits)
    }
}

impl Network {
    /// Whether an address is in it.
    #[must_use]
    pub fn holds(&self, address: IpAddr) -> bool {
        match (self.base, address.to_canonical()) {
            (IpAddr::V4(base), IpAddr::V4(address)) => {
                let mask = u32::MAX.checked_shl(u32::from(32 - self.prefix_bits)).unwrap_or(0);
                base.to_bits() & mask == address.to_bits() & mask
            }
            (IpAddr::V6(base), IpAddr::V6(address)) => {
                let mask = u128::MAX.checked_shl(u32::from(128 - self.prefix_bits)).unwrap_or(0);
                base.to_bits() & mask == address.to_bits() & mask
            }
            (IpAddr::V4(_), IpAddr::V6(_)) | (IpAddr::V6(_), IpAddr::V4(_)) => false,
        }
    }
}

/// Whether something may be sent to an address.
#[must_use]
pub fn may_reach(address: IpAddr, allowed: &[Network]) -> bool {
    allowed.iter().any(|network| network.holds(address)) || is_public(address)
}

/// Whether an address is one of the public internet.
///
/// # Source
/// The IANA registries of special-purpose addresses; 168.63.129.16 is a cloud's service for its own machines.
fn is_public(address: IpAddr) -> bool {
    match address.to_canonical() {
        IpAddr::V4(address) => is_public_v4(address),
        IpAddr::V6(address) => is_public_v6(address),
    }
}

fn is_public_v4(address: Ipv4Addr) -> bool {
    let [a, b, c, d] = address.octets();
    let is_special = address.is_private()
        || address.is_loopback()
        || address.is_link_local()
        || address.is_multicast()
        || address.is_documentation()
        || a == 0
        || a >= 240
        || (a == 100 && (64..128).contains(&b))
        || (a == 192 && b == 0 && c == 0)
        || (a == 192 && b == 88 && c == 99)
        || (a == 198 && (b == 18 || b == 19))
        || (a, b, c, d) == (168, 63, 129, 16);
    !is_special
}

/// Only what is given out as global unicast (`2000::/3`), without what wraps an IPv4 address or is reserved.
fn is_public_v6(address: Ipv6Addr) -> bool {
    let [a, b, c, ..] = address.segments();
    let is_special = a & 0xe000 != 0x2000
        || a == 0x2002
        || (a == 0x2001 && b < 0x0200)
        || (a == 0x2001 && b == 0x0db8)
        || (a == 0x3fff && b < 0x1000)
        || (a == 0x2620 && b == 0x004f && c == 0x8000);
    !is_special
}

/// Looks names up and keeps only the addresses that something may be sent to.
#[derive(Debug, Clone)]
struct Guarded {
    allowed: Arc<[Network]>,
}

impl Resolve for Guarded {
    fn resolve(&self, name: Name) -> Resolving {
        let allowed = Arc::clone(&self.allowed);
        Box::pin(async move {
            let found: Vec<SocketAddr> = tokio::net::lookup_host((name.as_str(), 0)).await?.collect();
            let there_are_some = !found.is_empty();
            let reachable: Vec<SocketAddr> = found.into_iter().filter(|address| may_reach(address.ip(), &allowed)).collect();
            if reachable.is_empty() && there_are_some {
                return Err(Forbidden.into());
            }
            Ok(Box::new(reachable.into_iter()) as Addrs)
        })
    }
}

/// Parses an address and looks at all that can be seen without its name being looked up.
///
/// # Errors
/// [`Unfit`] says what to write instead.
pub fn address(given: &str, allowed: &[Network]) -> Result<Url, Unfit> {
    match given.chars().count() {
        chars if chars > LONGEST_URL_CHARS => return Err(Unfit::TooLong(chars)),
        _ => {}
    }
    let url = Url::parse(given.trim()).map_err(|_| Unfit::NoUrl)?;
    let host = url.host_str().ok_or(Unfit::NoUrl)?;
    let literal: Option<IpAddr> = host.trim_start_matches('[').trim_end_matches(']').parse().ok();
    match url.scheme() {
        "https" => {}
        "http" if is_own_machine(host, literal, allowed) => {}
        other => return Err(Unfit::NotHttps(other.chars().take(20).collect())),
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(Unfit::UserInfo);
    }
    if url.fragment().is_some() {
        return Err(Unfit::Fragment);
    }
    // Nobody is asked to look these up, so they are looked at here.
    if literal.is_some_and(|address| !may_reach(address, allowed)) {
        return Err(Unfit::Forbidden);
    }
    Ok(url)
}

/// Whether a host is this machine, and an operator lets messages to it through.
fn is_own_machine(host: &str, literal: Option<IpAddr>, allowed: &[Network]) -> bool {
    let address = if host == "localhost" { Some(IpAddr::from([127, 0, 0, 1])) } else { literal };
    address.is_some_and(|address| address.to_canonical().is_loopback() && may_reach(address, allowed))
}

/// What a client is made of that goes only where something may be sent, and nowhere else when it is told to.
pub(super) fn client(allowed: &Arc<[Network]>, timeout: Duration) -> ClientBuilder {
    // Fails only if the process has a provider already, which is then as good.
    let _already_there = rustls::crypto::ring::default_provider().install_default();
    Client::builder()
        .user_agent(USER_AGENT)
        .connect_timeout(CONNECT_TIMEOUT)
        .timeout(timeout)
        .redirect(Policy::none())
        // A proxy would look the name up by itself, and find what we must not.
        .no_proxy()
        .dns_resolver(Guarded { allowed: Arc::clone(allowed) })
}

/// Whether nothing was sent because of where it would have led.
pub(super) fn is_forbidden(error: &reqwest::Error) -> bool {
    let mut cause = std::error::Error::source(error);
    while let Some(inner) = cause {
        if inner.is::<Forbidden>() {
            return true;
        }
        cause = inner.source();
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_public_addresses_are_reached() {
        for address in [
            "0.0.0.0",
            "0.1.2.3",
            "10.0.0.1",
            "100.64.0.1",
            "100.100.100.200",
            "127.0.0.1",
            "127.255.255.254",
            "168.63.129.16",
            "169.254.169.254",
            "172.16.0.1",
            "172.31.255.255",
            "192.0.0.192",
            "192.0.2.1",
            "192.88.99.1",
            "192.168.1.1",
            "198.18.0.1",
            "198.19.255.255",
            "198.51.100.1",
            "203.0.113.1",
            "224.0.0.1",
            "239.255.255.255",
            "240.0.0.1",
            "255.255.255.255",
            "::",
            "::1",
            "::127.0.0.1",
            "::ffff:127.0.0.1",
            "::ffff:10.0.0.1",
            "::ffff:169.254.169.254",
            "64:ff9b::7f00:1",
            "64:ff9b:1::1",
            "100::1",
            "2001::1",
            "2001:10::1",
            "2001:db8::1",
            "2002:7f00:1::1",
            "3fff::1",
            "5f00::1",
            "fc00::1",
            "fd00:ec2::254",
            "fe80::1",
            "fec0::1",
            "ff02::1",
        ] {
            assert!(!may_reach(address.parse().unwrap(), &[]), "{address}");
        }
        for address in ["1.1.1.1", "93.184.215.14", "100.63.255.255", "172.32.0.1", "192.0.1.1", "2606:4700::1111", "2001:4860:4860::8888"]
        {
            assert!(may_reach(address.parse().unwrap(), &[]), "{address}");
        }
    }

    #[test]
    fn what_an_operator_allows_is_reached_too_and_no_more() {
        let reach = |network: &str, address: &str| may_reach(address.parse().unwrap(), &[network.parse().unwrap()]);
        assert!(reach("10.20.0.0/16", "10.20.3.4") && !reach("10.20.0.0/16", "10.21.0.1"));
        assert!(reach("10.20.0.0/16", "::ffff:10.20.3.4"), "the same address, written otherwise");
        assert!(reach("127.0.0.0/8", "127.0.0.1") && !reach("127.0.0.0/8", "::1"));
        assert!(reach("fd00::/8", "fd12::1") && !reach("fd00::/8", "fe80::1"));
        assert!(reach("0.0.0.0/0", "169.254.169.254") && reach("10.0.0.1/32", "10.0.0.1") && !reach("10.0.0.1/32", "10.0.0.2"));
    }

    #[test]
    fn a_network_is_an_address_and_a_length() {
        assert_eq!("10.20.0.0/16".parse::<Network>().unwrap().to_string(), "10.20.0.0/16");
        for wrong in ["10.20.0.0", "10.20.0.0/33", "fd00::/129", "desk.example/8", "/8", ""] {
            assert!(wrong.parse::<Network>().is_err(), "{wrong}");
        }
    }

    #[tokio::test]
    async fn a_name_that_leads_to_this_machine_is_refused_unless_it_is_allowed() {
        let resolve = async |allowed: &[&str]| {
            let allowed = allowed.iter().map(|network| network.parse().unwrap()).collect();
            Guarded { allowed }.resolve("localhost".parse().unwrap()).await
        };
        assert!(resolve(&[]).await.is_err_and(|error| error.is::<Forbidden>()));
        let found: Vec<_> = resolve(&["127.0.0.0/8"]).await.unwrap().collect();
        assert!(!found.is_empty() && found.iter().all(|address| address.ip() == Ipv4Addr::LOCALHOST), "{found:?}");
    }
}
