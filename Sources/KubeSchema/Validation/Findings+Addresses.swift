import KubeAPI
import NetTypes

extension Findings {
    /// nil when it is none, which is reported.
    @discardableResult
    mutating func address(_ field: FieldCursor) -> IPAddress? {
        guard let address = IPAddress(field.string) else {
            invalid(field, "must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)")
            return nil
        }
        return address
    }

    @discardableResult
    mutating func cidr(_ field: FieldCursor) -> CIDR? {
        guard let cidr = CIDR(field.string) else {
            invalid(field, "must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)")
            return nil
        }
        return cidr
    }

    /// An address that traffic of others can have.
    mutating func ordinaryAddress(_ field: FieldCursor) {
        guard let address = address(field) else { return }
        if address.isUnspecified { invalid(field, "may not be unspecified (0.0.0.0 or ::)") }
        if address.isLoopback { invalid(field, "may not be in the loopback range (127.0.0.0/8, ::1/128)") }
        if address.isLinkLocal { invalid(field, "may not be in the link-local range (169.254.0.0/16, fe80::/10)") }
        let isLinkLocalMulticast =
            address.family == .ipv4 ? address.v4 >> 8 == 0xE00000 : address.high >> 48 == 0xFF02
        if isLinkLocalMulticast {
            invalid(field, "may not be in the link-local multicast range (224.0.0.0/24, ff02::/10)")
        }
    }
}
