import NetTypes

extension Transaction: CustomStringConvertible {
    /// An nft script: what `nft -f` would be given to do the same.
    public var description: String {
        var text = TransactionText(table: table)
        for operation in operations { text.learn(operation) }
        for operation in operations { text.write(operation) }
        return text.lines
    }

    /// The script, where elements of these sets, which another transaction made, are deleted or added.
    public func description(knowing sets: [SetSpec]) -> String {
        var text = TransactionText(table: table)
        for set in sets { text.learn(.addSet(set)) }
        for operation in operations { text.learn(operation) }
        for operation in operations { text.write(operation) }
        return text.lines
    }
}

/// Writes operations as nft script lines. Elements are printed by their set's key; of an unknown set, register by register.
private struct TransactionText {
    let table: TableID
    private var sets: [String: SetSpec] = [:]
    private(set) var lines = ""
    private let statements: StatementText

    init(table: TableID) {
        self.table = table
        statements = StatementText(family: table.family)
    }

    mutating func learn(_ operation: Operation) {
        if case .addSet(let spec) = operation { sets[spec.name] = spec }
    }

    mutating func write(_ operation: Operation) {
        switch operation {
        case .addTable(let comment): line("add table \(table) { comment \"\(comment.asComment)\"; }")
        case .deleteTable: line("delete table \(table)")
        case .addSet(let spec):
            line("add \(spec.data == nil ? "set" : "map") \(table) \(spec.name) { \(declaration(spec))}")
        case .deleteSet(let name): line("delete \(sets[name]?.data == nil ? "set" : "map") \(table) \(name)")
        case .addChain(let chain): line("add chain \(table) \(chain.name)" + (chain.hook.map { " { \($0); }" } ?? ""))
        case .deleteChain(let name): line("delete chain \(table) \(name)")
        case .flushChain(let name): line("flush chain \(table) \(name)")
        case .addRules(let chain, let rules):
            for rule in rules {
                let text = "add rule \(table) \(chain) \(statements.text(rule))"
                line(statements.isBeyondNft(rule) ? "# sent to the kernel, but nft 1.0 cannot load it: \(text)" : text)
            }
        case .addElements(let set, let elements): write("add", set, elements, withData: true)
        case .deleteElements(let set, let elements): write("delete", set, elements, withData: false)
        }
    }

    private mutating func line(_ text: String) {
        lines += text
        lines += "\n"
    }

    private func declaration(_ spec: SetSpec) -> String {
        var text = "typeof \(statements.text(spec.key))"
        switch spec.data {
        case .verdict: text += " : verdict"
        case .selectors(let selectors): text += " : \(statements.text(selectors))"
        case nil: break
        }
        var flags: [String] = []
        if spec.isDynamic { flags += ["dynamic", "timeout"] }
        if spec.isInterval { flags.append("interval") }
        if !flags.isEmpty { text += "; flags \(flags.joined(separator: ","))" }
        return text + "; " + (spec.comment.map { "comment \"\($0)\"; " } ?? "")
    }

    private mutating func write(_ verb: String, _ set: String, _ elements: [SetElement], withData: Bool) {
        guard !elements.isEmpty else { return }
        lines += "\(verb) element \(table) \(set) {"
        for (index, element) in elements.enumerated() {
            lines += index == 0 ? " " : ",\n    "
            lines += text(element, sets[set], withData: withData)
        }
        lines += " }\n"
    }

    private func text(_ element: SetElement, _ spec: SetSpec?, withData: Bool) -> String {
        var words = text(element.key, spec?.key ?? [])
        if let spec, spec.isInterval { words = interval(element, spec) }
        guard withData else { return words }
        if let comment = element.comment { words += " comment \"\(comment)\"" }
        switch element.data {
        case .none: break
        case .verdict(let verdict): words += " : \(verdict)"
        case .bytes(let bytes):
            if case .selectors(let selectors) = spec?.data {
                words += " : \(text(bytes, selectors))"
            } else {
                words += " : \(text(bytes, []))"
            }
        }
        return words
    }

    /// First and last value; the kernel's end is the value after the last.
    private func interval(_ element: SetElement, _ spec: SetSpec) -> String {
        let length = spec.key.first?.valueLength(table.family) ?? 0
        let last = element.intervalEnd?.predecessor(length) ?? element.key.highest(length)
        let first = text(element.key, spec.key)
        return last == element.key ? first : "\(first)-\(text(last, spec.key))"
    }

    private func text(_ bytes: RegisterBytes, _ selectors: [Selector]) -> String {
        bytes.withBytes { raw in
            var offset = 0
            var parts: [String] = []
            for selector in selectors {
                let length = selector.words(table.family) * 4
                guard offset + length <= raw.count else { break }
                parts.append(value(UnsafeRawBufferPointer(rebasing: raw[offset..<offset + length]), selector))
                offset += length
            }
            while offset + 4 <= raw.count {
                parts.append(statements.hex(raw.loadUnaligned(fromByteOffset: offset, as: UInt32.self).bigEndian))
                offset += 4
            }
            return parts.joined(separator: " . ")
        }
    }

    private func value(_ bytes: UnsafeRawBufferPointer, _ selector: Selector) -> String {
        switch selector {
        case .sourceAddress, .destinationAddress, .originalSourceAddress, .originalDestinationAddress:
            IPAddress(networkBytes: Array(bytes)).map { "\($0)" } ?? "?"
        case .l4proto: TransportProtocol(rawValue: bytes[0]).map { "\($0)" } ?? "\(bytes[0])"
        case .destinationPort, .sourcePort, .tcpDestinationPort, .originalDestinationPort:
            "\(UInt16(bytes[0]) << 8 | UInt16(bytes[1]))"
        case .inputInterface: "\"\(String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self))\""
        default: "\(bytes.loadUnaligned(as: UInt32.self))"
        }
    }
}

extension Chain.Hook: CustomStringConvertible {
    public var description: String {
        "type \(kind.rawValue) hook \(point.rawValue) priority \(priority); policy accept"
    }
}

extension RegisterBytes {
    /// The number before this one, whose first `length` bytes are a number in network order.
    fileprivate func predecessor(_ length: Int) -> RegisterBytes {
        changing { bytes in
            for index in bytes.indices.prefix(length).reversed() {
                bytes[index] &-= 1
                if bytes[index] != 0xff { return }
            }
        }
    }

    /// The highest number of so many bytes.
    fileprivate func highest(_ length: Int) -> RegisterBytes {
        changing { bytes in for index in bytes.indices.prefix(length) { bytes[index] = 0xff } }
    }

    private func changing(_ body: (inout [UInt8]) -> Void) -> RegisterBytes {
        var bytes = withBytes { Array($0) }
        body(&bytes)
        return bytes.withUnsafeBytes { RegisterBytes($0) } ?? self
    }
}
