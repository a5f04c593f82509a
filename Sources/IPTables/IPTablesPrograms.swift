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

    /// One table as it is.
    public func save(_ table: String) throws(IPTablesError) -> TableText {
        let program = "\(name)-save"
        let outcome = try ProgramRun.run(try path(program), ["-t", table])
        guard outcome.succeeded else { throw IPTablesError(program, output: outcome.errors, input: "") }
        return TableText(saved: outcome.output, table: table)
    }

    /// Applies the changes; each table's all at once or not at all.
    public func restore(_ changes: [TableChange]) throws(IPTablesError) {
        let input = changes.map(\.description).joined()
        if input.isEmpty { return }
        let program = "\(name)-restore"
        let outcome = try ProgramRun.run(try path(program), ["--noflush", "-w", Self.patience], input: input)
        guard outcome.succeeded else { throw IPTablesError(program, output: outcome.errors, input: input) }
    }

    /// True when the variant's mangle table shows who else uses it: the chains that kubelet and distributions leave.
    var hasHint: Bool {
        guard variant == .nft || Self.legacyTables(family).contains("mangle"), let table = try? save("mangle") else {
            return false
        }
        return table.chains["KUBE-IPTABLES-HINT"] != nil || table.chains["KUBE-KUBELET-CANARY"] != nil
    }

    /// The tables that iptables-legacy has made; reading another would make it.
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
