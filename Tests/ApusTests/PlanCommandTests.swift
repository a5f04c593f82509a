import ArgumentParser
import Testing

@testable import apus

@Suite struct PlanCommandTests {
    private static func mode(_ arguments: String...) throws -> String {
        let command = try ProxyPlanCommand.parse(["--manifests", "services"] + arguments)
        return try command.planned.load().configuration.proxyMode.rawValue
    }

    @Test func aFormOfOneModeAsksForIt() throws {
        #expect(try Self.mode("-o", "iptables") == "iptables")
        #expect(try Self.mode("-o", "ipvs") == "ipvs")
        #expect(try Self.mode("-o", "nft") == "nftables")
        #expect(try Self.mode("-o", "nft", "--proxy-mode", "userspace") == "userspace")
        #expect(try Self.mode("-o", "json", "--proxy-mode", "iptables") == "iptables")
    }

    @Test(arguments: [("nft", "iptables"), ("nft", "ipvs"), ("iptables", "nftables"), ("ipvs", "userspace")])
    func anotherModesFormIsRefused(form: String, mode: String) throws {
        let error = try #require(throws: ValidationError.self) { try Self.mode("-o", form, "--proxy-mode", mode) }
        #expect("\(error)".contains("-o \(form) prints the program of mode"))
        #expect("\(error)".contains("the mode is \(mode)"))
    }
}
