import KubeAPI

/// A validated configuration, and what to tell about how it came about.
public struct LoadedConfiguration: Sendable {
    public var configuration: KubeProxyConfiguration
    /// Such as `--proxy-mode is ignored because --config is given`.
    public var warnings: [String]

    /// Merges the flags into the file, or into the defaults without one, exactly as kube-proxy: beside a file only the
    /// flags about logging, the host's name and the command itself count. Of a flag given twice the last counts.
    /// `mode` is taken where neither names one.
    public init(
        file: ConfigurationFile?, flags: [GivenFlag], mode: ProxyMode = .iptables
    ) throws(ConfigurationError) {
        configuration = try file?.decode(mode: mode) ?? .defaults(mode: mode)
        warnings = []
        var problems: [ConfigurationProblem] = []
        for flag in Self.ordered(flags) {
            if file != nil, ProxyFlag.named(flag.name)?.holdsBesideFile == false {
                warnings.append("--\(flag.name) is ignored because --config is given")
                continue
            }
            do {
                try Self.apply(flag, to: &configuration)
            } catch {
                problems.append(error)
            }
        }
        guard problems.isEmpty else { throw ConfigurationError(problems) }
        complete(mode)
        let broken = configuration.validate()
        guard broken.isEmpty else { throw ConfigurationError(broken.map { Self.explain($0, file, flags) }) }
        warnings += configuration.featureGates.keys.filter { !KubeProxyConfiguration.loggingGates.contains($0) }
            .sorted().map { "feature gate \($0) changes nothing here" }
    }

    /// The mode comes first, because the periods go by it; ports come last, because they amend addresses.
    private static func ordered(_ flags: [GivenFlag]) -> [GivenFlag] {
        func rank(_ flag: GivenFlag) -> Int {
            if case .port? = ProxyFlag.named(flag.name)?.effect { return 2 }
            return flag.name == "proxy-mode" ? 0 : 1
        }
        return flags.enumerated().sorted { (rank($0.element), $0.offset) < (rank($1.element), $1.offset) }
            .map(\.element)
    }

    private static func apply(
        _ flag: GivenFlag, to configuration: inout KubeProxyConfiguration
    ) throws(ConfigurationProblem) {
        guard let known = ProxyFlag.named(flag.name) else {
            let hint = Spelling.nearest(to: flag.name, in: ProxyFlag.all.map(\.name)).map { "; did you mean --\($0)?" }
            throw ConfigurationProblem(origin: "", path: "--\(flag.name)", reason: "unknown flag" + (hint ?? ""))
        }
        do {
            switch known.effect {
            case .command: if known.name == "nftables-table" { try checkTableName(flag.value) }
            case .fields(let paths):
                for path in paths { try ConfigurationField.at(path)?.readFlag(flag.value, &configuration) }
            case .port(let path): try setPort(flag.value, path, &configuration)
            case .period(let name, let isIPVS):
                guard isIPVS == (configuration.mode == ProxyMode.ipvs.rawValue) else { return }
                let section =
                    isIPVS ? "ipvs" : configuration.mode == ProxyMode.nftables.rawValue ? "nftables" : "iptables"
                try ConfigurationField.at("\(section).\(name)")?.readFlag(flag.value, &configuration)
            }
        } catch {
            throw ConfigurationProblem(origin: "", path: "--\(flag.name)", reason: error.description)
        }
    }

    /// nft's identifiers, at most 255 bytes (NFT_NAME_MAXLEN).
    private static func checkTableName(_ name: String) throws(DecodingFailure) {
        guard name.wholeMatch(of: /[A-Za-z_.][A-Za-z0-9_.\/-]{0,254}/) != nil else {
            throw .mustBe(
                "at most 255 letters, digits and _ . / -, with a letter, _ or . at its beginning", .string(name))
        }
    }

    private static func setPort(
        _ text: String, _ path: String, _ configuration: inout KubeProxyConfiguration
    ) throws(DecodingFailure) {
        guard let port = UInt16(text) else { throw .mustBe("a port from 0 to 65535", .string(text)) }
        guard let field = ConfigurationField.at(path) else { return }
        let address = field.write(configuration).string ?? ""
        let host = address.isEmpty ? "" : String(address[..<(address.lastIndex(of: ":") ?? address.endIndex)])
        try field.readFlag(port == 0 ? "" : KubeProxyConfiguration.withPort(host, port), &configuration)
    }

    /// What flags leave to be derived.
    private mutating func complete(_ mode: ProxyMode) {
        configuration.hostnameOverride = configuration.hostnameOverride.trimmed.lowercased()
        configuration.healthzBindAddress = KubeProxyConfiguration.withPort(
            configuration.healthzBindAddress, KubeProxyConfiguration.healthzPort)
        configuration.metricsBindAddress = KubeProxyConfiguration.withPort(
            configuration.metricsBindAddress, KubeProxyConfiguration.metricsPort)
        configuration.applyModeDefaults(mode)
    }

    /// Names the line or the flag that a bad value came from.
    private static func explain(
        _ problem: ConfigurationProblem, _ file: ConfigurationFile?, _ flags: [GivenFlag]
    ) -> ConfigurationProblem {
        var problem = problem
        let field = problem.path.split(separator: "[").first.map(String.init) ?? problem.path
        if let flag = ProxyFlag.setting(field), flags.contains(where: { $0.name == flag.name }),
            file == nil || flag.holdsBesideFile
        {
            problem.path = "--\(flag.name)"
        } else if let file {
            problem.origin = file.origin(of: problem.path)
        }
        return problem
    }
}
