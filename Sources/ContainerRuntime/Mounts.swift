import Glibc

/// What is mounted on this machine.
public enum Mounts {
    /// Takes off everything that is mounted below a folder, the last mounted first.
    public static func unmountAll(below root: String) {
        let table = Files.read("/proc/thread-self/mounts") ?? ""
        let places = table.split(separator: "\n").compactMap { line -> String? in
            let fields = line.split(separator: " ")
            return fields.count > 1 && fields[1].hasPrefix("\(root)/") ? unescaped(fields[1]) : nil
        }
        for place in places.reversed() { umount2(place, CInt(MNT_DETACH)) }
    }

    /// proc(5): space, tab, newline and backslash are `\ooo`.
    private static func unescaped(_ text: Substring) -> String {
        var result: [UInt8] = []
        var rest = Array(text.utf8)[...]
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "\\"), rest.count >= 3,
                let code = UInt8(String(decoding: rest.prefix(3), as: UTF8.self), radix: 8)
            else {
                result.append(byte)
                continue
            }
            result.append(code)
            rest = rest.dropFirst(3)
        }
        return String(decoding: result, as: UTF8.self)
    }
}
