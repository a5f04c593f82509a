import NetTypes

/// Classic BPF for `-m bpf`: hashes a packet's source to a slot and says whether the slot is among some.
/// Opcodes are those of linux/filter.h; xt_bpf takes at most 64 instructions.
struct HashBytecode {
    let family: IPFamily
    let hashesPort: Bool
    let modulus: Int

    /// So many slots always fit into one program.
    static let mostSlots = 20

    private struct Instruction {
        let code: UInt16
        var jt: UInt8 = 0
        var jf: UInt8 = 0
        let k: UInt32
    }

    private static func load(_ offset: UInt32) -> Instruction { .init(code: 0x20, k: offset) }
    private static let toX = Instruction(code: 0x07, k: 0)
    private static let xorX = Instruction(code: 0xac, k: 0)

    /// Every bit of A reaches the lower ones.
    private static let mix = [
        Instruction(code: 0x24, k: 0x9e37_79b1), toX, Instruction(code: 0x74, k: 15), xorX,
    ]

    /// Leaves the slot in A.
    private var slot: [Instruction] {
        var program: [Instruction] = []
        let words: [UInt32] = family == .ipv4 ? [12] : [8, 12, 16, 20]
        for (index, offset) in words.enumerated() {
            program += index == 0 ? [Self.load(offset)] : [Self.toX, Self.load(offset), Self.xorX]
            program += Self.mix
        }
        if hashesPort { program += port + Self.mix }
        return program + Self.mix + [Instruction(code: 0x94, k: UInt32(modulus))]
    }

    /// Mixes in the source port: after the options of IPv4, after the fixed header of IPv6.
    private var port: [Instruction] {
        if family == .ipv6 { return [Self.toX, Instruction(code: 0x28, k: 40), Self.xorX] }
        return [
            Instruction(code: 0x02, k: 0), Instruction(code: 0xb1, k: 0), Instruction(code: 0x48, k: 0),
            Instruction(code: 0x61, k: 0), Self.xorX,
        ]
    }

    private static let no = Instruction(code: 0x06, k: 0)
    private static let yes = Instruction(code: 0x06, k: 1)

    /// `-m bpf --bytecode` for packets whose slot is below `bound`.
    func matches(below bound: Int) -> String {
        text(slot + [Instruction(code: 0x35, jt: 1, jf: 0, k: UInt32(bound)), Self.yes, Self.no])
    }

    /// The same for packets whose slot is one of these, at most `mostSlots`.
    func matches(_ slots: ArraySlice<Int>) -> String {
        let tests = slots.enumerated().map { index, slot in
            Instruction(code: 0x15, jt: UInt8(slots.count - index), jf: 0, k: UInt32(slot))
        }
        return text(slot + tests + [Self.no, Self.yes])
    }

    private func text(_ program: [Instruction]) -> String {
        let words = program.map { "\($0.code) \($0.jt) \($0.jf) \($0.k)" }
        return "-m bpf --bytecode \"\(program.count),\(words.joined(separator: ","))\""
    }
}
