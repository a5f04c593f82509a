import ArgumentParser
import NodeProxy
import Testing

@testable import apus

@Suite struct ProxyOptionsTests {
    private static func given(_ arguments: String...) throws -> [String: String] {
        let options = try ProxyOptions.parse(try GoArguments.normalised(arguments))
        return Dictionary(uniqueKeysWithValues: options.given.map { ($0.name, $0.value) })
    }

    private static let flags = ProxyFlag.all.filter { $0.name != "version" }

    /// Every flag of the table can be given on the command line, and is passed on under its name. All at once, because
    /// the parser checks itself at length in debug builds.
    @Test(arguments: [
        Form(text: { $0.isBoolean ? ["--\($0.name)"] : ["--\($0.name)", "x"] }, bool: "true"),
        Form(text: { ["--\($0.name)=\($0.isBoolean ? "false" : "x")"] }, bool: "false"),
        Form(
            text: { ["--\($0.name.split(separator: "-").joined(separator: "_"))=\($0.isBoolean ? "1" : "x")"] },
            bool: "true"),
        Form(text: { $0.isBoolean ? ["--\($0.name)", "--\($0.name)=F"] : ["--\($0.name)=x"] }, bool: "false"),
    ])
    func knowsEveryFlag(form: Form) throws {
        let options = try ProxyOptions.parse(try GoArguments.normalised(Self.flags.flatMap(form.text)))
        let expected = Self.flags.map { GivenFlag($0.name, $0.isBoolean ? form.bool : "x") }
        #expect(Set(options.given) == Set(expected))
        #expect(options.given.count == expected.count)
    }

    struct Form: Sendable {
        let text: @Sendable (ProxyFlag) -> [String]
        /// What a boolean then is.
        let bool: String
    }

    @Test func nothingGivenMeansTheDefaults() throws {
        #expect(try Self.given() == [:])
        var defaults = KubeProxyConfiguration.defaults
        defaults.mode = "nftables"
        #expect(try ProxyOptions.parse([]).load().configuration == defaults)
    }

    @Test(arguments: [["-v", "4"], ["-v4"], ["-v=4"], ["--v", "4"], ["--v=4"], ["--v=3", "-v", "4"]])
    func takesVerbosity(arguments: [String]) throws {
        let options = try ProxyOptions.parse(try GoArguments.normalised(arguments))
        #expect(options.given == [GivenFlag("v", "4")])
        #expect(try options.load().configuration.logging.verbosity == 4)
    }

    @Test func listsAddUp() throws {
        let given = try Self.given("--nodeport-addresses", "10.0.0.0/8", "--nodeport-addresses=11.0.0.0/8,12.0.0.0/8")
        #expect(given == ["nodeport-addresses": "10.0.0.0/8,11.0.0.0/8,12.0.0.0/8"])
    }

    @Test func takesNegativeNumbers() throws {
        #expect(try Self.given("--oom-score-adj", "-5") == ["oom-score-adj": "-5"])
        #expect(try Self.given("--kube-api-qps", "-1") == ["kube-api-qps": "-1"])
    }

    /// `--flag=`, as templates give it: nothing for names, modes and prefixes, nowhere for servers; numbers need one.
    @Test func takesEmptyValues() throws {
        let valued = Self.flags.filter { !$0.isBoolean }
        let options = try ProxyOptions.parse(try GoArguments.normalised(valued.map { "--\($0.name)=" }))
        #expect(options.input.config == nil && options.input.manifests == nil && options.tableName == "kube-proxy")
        let texts = [
            "config", "manifests", "kubeconfig", "master", "hostname-override", "proxy-mode", "cluster-cidr",
            "detect-local-mode", "nodeport-addresses", "feature-gates", "healthz-bind-address", "metrics-bind-address",
            "ipvs-scheduler", "ipvs-exclude-cidrs", "vmodule", "nftables-table",
        ]
        let configuration = try ProxyOptions.parse(try GoArguments.normalised(texts.map { "--\($0)=" })).load()
            .configuration
        var expected = try ProxyOptions.parse([]).load().configuration
        expected.healthzBindAddress = ""
        expected.metricsBindAddress = ""
        #expect(configuration == expected)
    }

    @Test(arguments: [
        (["--proxy-mod", "ipvs"], "Unknown option '--proxy-mod'. Did you mean '--proxy-mode'?"),
        (["--conntrack-min"], "Missing value for '--conntrack-min <int32>'"),
    ])
    func saysWhatItCannotParse(arguments: [String], message: String) {
        let error = #expect(throws: (any Error).self) { try ProxyOptions.parse(arguments) }
        #expect(error.map { ProxyOptions.message(for: $0) } == message)
    }

    @Test(arguments: [
        (
            ["--proxy-mode=kernelspace"],
            "--proxy-mode: \"kernelspace\" is a mode of Windows; on Linux there are iptables, ipvs, nftables, userspace, auto"
        ),
        (["--conntrack-min=x"], "--conntrack-min: must be an integer between -2147483648 and 2147483647, got \"x\""),
        (["--config=/nonexistent/c.yaml"], "/nonexistent/c.yaml: cannot be read: No such file or directory"),
    ])
    func saysWhatIsWrong(arguments: [String], message: String) throws {
        let options = try ProxyOptions.parse(arguments)
        let error = #expect(throws: ConfigurationError.self) { try options.load() }
        #expect(error?.description == message)
        #expect(ProxyOptions.exitCode(for: try #require(error)) == .failure)
        #expect(ProxyOptions.fullMessage(for: try #require(error)) == "Error: \(message)")
    }

    @Test func helpNamesTypesAndDefaults() {
        let help = ProxyOptions.helpMessage(columns: 200)
        #expect(help.contains("CONNECTION TRACKING"))
        #expect(help.contains("--conntrack-min <int32>"))
        #expect(help.contains("(default: 131072)"))
        #expect(help.contains("(default: nftables)") && !help.contains("(default: iptables)"))
        #expect(help.contains("--metrics-bind-address <string>"))
        #expect(help.contains("(default: 127.0.0.1:10249)"))
        #expect(!help.contains("--healthz-port"))
    }
}
