import KubeAPI

/// The formats that structural schemas check; others say nothing, as upstream.
enum SchemaFormat {
    static func accepts(_ string: String, _ format: String) -> Bool {
        switch format {
        case "date-time", "datetime": RFC3339.seconds(string) != nil
        case "date": string.utf8.count == 10 && RFC3339.seconds("\(string)T00:00:00Z") != nil
        case "uuid", "uuid3", "uuid4", "uuid5": isUUID(string)
        case "byte": isBase64(string)
        case "ipv4": string.split(separator: ".", omittingEmptySubsequences: false).count == 4 && isNumbers(string)
        default: true
        }
    }

    private static func isNumbers(_ string: String) -> Bool {
        string.split(separator: ".", omittingEmptySubsequences: false).allSatisfy { UInt8($0) != nil }
    }

    private static func isUUID(_ string: String) -> Bool {
        let parts = string.split(separator: "-", omittingEmptySubsequences: false)
        return parts.map(\.utf8.count) == [8, 4, 4, 4, 12] && parts.joined().allSatisfy(\.isHexDigit)
    }

    private static func isBase64(_ string: String) -> Bool {
        let bytes = Array(string.utf8)
        let padding = bytes.reversed().prefix { $0 == UInt8(ascii: "=") }.count
        guard bytes.count % 4 == 0, padding <= 2 else { return false }
        return bytes.dropLast(padding).allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "+"), UInt8(ascii: "/"):
                true
            default: false
            }
        }
    }
}
