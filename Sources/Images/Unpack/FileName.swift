/// One component of a path: bytes without `/` and zero, neither empty nor `.` nor `..`.
struct FileName: Hashable {
    /// Ends with a zero, for the kernel.
    let cString: [CChar]

    init?(_ bytes: some Collection<UInt8>) {
        guard !bytes.isEmpty, bytes.count <= 255, !bytes.contains(0), !bytes.contains(UInt8(ascii: "/")),
            !bytes.elementsEqual(".".utf8), !bytes.elementsEqual("..".utf8)
        else { return nil }
        cString = bytes.map { CChar(bitPattern: $0) } + [0]
    }

    init?(_ text: String) { self.init(Array(text.utf8)) }

    var bytes: [UInt8] { cString.dropLast().map { UInt8(bitPattern: $0) } }

    var text: String { String(decoding: bytes, as: UTF8.self) }

    func hasPrefix(_ prefix: String) -> Bool { bytes.starts(with: prefix.utf8) }
}

/// A path's components as they are written, `..` among them.
enum PathStep: Hashable {
    case name(FileName)
    case parent

    /// Nil when a component is longer than the kernel takes.
    static func parse(_ path: [UInt8]) -> [PathStep]? {
        var steps: [PathStep] = []
        for part in path.split(separator: UInt8(ascii: "/")) {
            if part.elementsEqual(".".utf8) { continue }
            if part.elementsEqual("..".utf8) {
                steps.append(.parent)
            } else {
                guard let name = FileName(part) else { return nil }
                steps.append(.name(name))
            }
        }
        return steps
    }
}
