import NetTypes

/// What a rule reads from a packet or computes for it. Several make a concatenation, written with dots in nft.
public enum Selector: Hashable, Sendable {
    case sourceAddress
    case destinationAddress
    case l4proto
    case destinationPort
    case sourcePort
    /// The port after DNAT in a map's data: nft 1.0.6 cannot load a ruleset over itself when this says `th dport`.
    case tcpDestinationPort
    /// `ct original ip saddr` and so on: the tuple before NAT.
    case originalSourceAddress
    case originalDestinationAddress
    case originalDestinationPort
    case mark
    case inputInterface
    /// `numgen random mod N offset O`.
    case random(modulus: UInt32, offset: UInt32 = 0)
    /// `numgen inc mod N`: a counter of its own in each rule.
    case increment(modulus: UInt32)
    /// `jhash A . B mod N seed S`.
    case hash([Selector], modulus: UInt32, seed: UInt32)
}

/// One step of a rule. A rule is evaluated left to right and stops at the first match that fails.
public enum Statement: Hashable, Sendable {
    /// `ip saddr 10.0.0.0/8`, or `ip saddr != ...`.
    case matchAddress(Selector, CIDR, isNot: Bool = false)
    /// `meta l4proto tcp`; nft wants it before port translation without a port in the key.
    case matchProtocol(TransportProtocol)
    /// `iifname "br0"` or, with a prefix, `iifname "veth*"`.
    case matchInputInterface(String, isPrefix: Bool = false, isNot: Bool = false)
    /// `meta mark and M == 0` (isSet false) or `!= 0` (isSet true).
    case matchMark(mask: UInt32, isSet: Bool)
    /// `ct state new`.
    case connectionIsNew
    /// `ct status dnat`.
    case connectionHasDNAT
    /// `fib saddr type local`.
    case sourceIsLocal
    /// `fib daddr type local`.
    case destinationIsLocal
    /// `KEY @SET`, or `KEY != @SET`.
    case inSet([Selector], set: String, isNot: Bool = false)
    /// `KEY vmap @MAP`: the verdict found there.
    case verdictMap([Selector], map: String)
    /// `dnat to KEY map @MAP`: address and port found there; a miss goes on to the next rule.
    case dnat([Selector], map: String)
    /// `redirect to :KEY map @MAP`: to the port found there on this node; a miss goes on to the next rule.
    case redirect([Selector], map: String)
    /// `tproxy to :PORT`: to the transparent socket of this node on that port, addresses unchanged. Without such a socket
    /// it goes on to the next rule. nft 1.0.6 can load but not list a port from a map here.
    case tproxy(port: UInt16)
    /// `socket transparent 1`: a transparent socket of this node has the connection.
    case socketIsTransparent
    /// `update @MAP { KEY timeout S : DATA }`: remembers, or refreshes what is remembered.
    case remember(map: String, key: [Selector], data: [Selector], timeoutSeconds: UInt32)
    case setMarkBits(UInt32)
    /// `meta mark set meta mark xor BITS`.
    case flipMarkBits(UInt32)
    /// `masquerade fully-random`.
    case masquerade
    /// `reject`: ICMP (v6: ICMPv6) port unreachable.
    case reject
    case counter
    case verdict(Verdict)
}

public enum Verdict: Hashable, Sendable {
    case accept
    case drop
    case `return`
    case jump(String)
    case goto(String)
}
