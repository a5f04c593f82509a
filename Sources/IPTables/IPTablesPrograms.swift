import Glibc
import NetTypes

/// Which of the kernel's two firewalls the iptables programs speak to.
public enum IPTablesVariant: String, Sendable, CaseIterable {
    case nft
    case legacy
}

/// The iptables programs of one family and variant, run in the calling thread's network namespace.
public struct IPTablesPrograms: Sendable {
    public let family: IPFamily
    public let variant: IPTablesVariant

    public init(_ family: IPFamily, _ variant: IPTablesVariant) {
        self.family = family
        self.variant = variant
    }

    private static let folders = ["/usr/sbin", "/sbin", "/usr/local/sbin", "/usr/bin", "/bin"]
    /// Seconds to wait for another program that holds the lock of iptables-legacy.
    private static let patience = "10"

    /// `ip6tables-nft`.
    public var name: String { (family == .ipv4 ? "iptables-" : "ip6tables-") + variant.rawValue }

    private func path(_ program: String) throws(IPTablesError) -> String {
        for folder in Self.folders where access("\(folder)/\(program)", X_OK) == 0 { return "\(folder)/\(program)" }
        throw IPTablesError(program, "not found in \(Self.folders.joined(separator: ", ")): install iptables")
    }

    /// True when the programs are there.
    public var areInstalled: Bool { (try? path("\(name)-restore")) != nil && (try? path("\(name)-save")) != nil }

    /// Every table that there is; iptables-nft reads all of them in any case. `meanwhile` is called while the program
    /// runs.
    public func save(meanwhile: () -> Void = {}) throws(IPTablesError) -> [String: TableText] {
        TableText.tables(try run("\(name)-save", []) { _ in meanwhile() }.output)
    }

    /// One table as it is. iptables-legacy makes it if need be.
    public func save(_ table: String, meanwhile: () -> Void = {}) throws(IPTablesError) -> TableText {
        let saved = try run("\(name)-save", ["-t", table]) { _ in meanwhile() }
        return TableText.tables(saved.output)[table] ?? TableText()
    }

    /// The rules of one chain, which must be there. iptables-nft reads no other.
    public func rules(of chain: String, in table: String) throws(IPTablesError) -> [String] {
        let listing = try run(name, ["-w", Self.patience, "-t", table, "-S", chain])
        return TableText(listing: listing.output).chains[chain] ?? []
    }

    /// The time that iptables-nft takes grows with the square of the chains that its input names.
    private static let partSize = 500

    /// Applies the changes; each table's all at once or not at all. With iptables-nft, changes to more than 500 chains
    /// of a table go in parts. `watch` hears the process id of each program before it changes anything, and nil after
    /// its end.
    public func restore(_ changes: [TableChange], watch: (pid_t?) -> Void = { _ in }) throws(IPTablesError) {
        let all = changes.filter { !$0.isEmpty }.map { variant == .nft ? $0.parts(of: Self.partSize) : [$0] }
        for part in all.flatMap({ $0.dropLast() }) { try restore(text: part.description, watch) }
        try restore(text: all.compactMap(\.last?.description).joined(), watch)
    }

    private func restore(text: String, _ watch: (pid_t?) -> Void) throws(IPTablesError) {
        if text.isEmpty { return }
        defer { watch(nil) }
        _ = try run("\(name)-restore", ["--noflush", "-w", Self.patience], input: text) { watch($0) }
    }

    private func run(
        _ program: String, _ arguments: [String], input: String = "", started: (pid_t) -> Void = { _ in }
    ) throws(IPTablesError) -> ProgramRun {
        let outcome = try ProgramRun.run(try path(program), arguments, input: input, started: started)
        guard outcome.succeeded else { throw IPTablesError(program, output: outcome.errors, input: input) }
        return outcome
    }

    private static let hints = ["KUBE-IPTABLES-HINT", "KUBE-KUBELET-CANARY"]

    /// True when the variant's mangle table shows who else uses it: the chains that kubelet and distributions leave.
    var hasHint: Bool {
        switch variant {
        case .nft:
            guard var fingerprint = try? TableFingerprint(self) else { return false }
            return Self.hints.contains { (try? fingerprint.hasChain($0, in: "mangle")) == true }
        case .legacy:
            let mangle = Self.legacyTables(family).contains("mangle") ? try? save("mangle") : nil
            return Self.hints.contains { mangle?.chains[$0] != nil }
        }
    }

    /// The tables that iptables-legacy has made.
    private static func legacyTables(_ family: IPFamily) -> [String] {
        let path = "/proc/thread-self/net/\(family == .ipv4 ? "ip" : "ip6")_tables_names"
        guard let file = fopen(path, "re") else { return [] }
        defer { fclose(file) }
        var bytes = [UInt8](repeating: 0, count: 256)
        let count = fread(&bytes, 1, bytes.count, file)
        return String(decoding: bytes[..<count], as: UTF8.self).split(separator: "\n").map(String.init)
    }

    /// The variant that kubelet uses here, nft before legacy; without a hint the one that is installed, nft first.
    public static func detect(_ family: IPFamily) -> IPTablesVariant {
        let installed = IPTablesVariant.allCases.filter { IPTablesPrograms(family, $0).areInstalled }
        return installed.first { IPTablesPrograms(family, $0).hasHint } ?? installed.first ?? .nft
    }
}
