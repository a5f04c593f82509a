import NetTypes

extension KubeProxyConfiguration {
    /// What the values break, in the order of the fields; empty for a good configuration. Defaults must be filled in.
    public func validate() -> [ConfigurationProblem] {
        var check = Check()
        checkConnections(&check)
        checkLogging(&check)
        checkAddresses(&check)
        checkModes(&check)
        checkLocalDetection(&check)
        check.cidrs(
            "nodePortAddresses", nodePortAddresses == [Self.primary] ? [] : nodePortAddresses, orElse: Self.primary)
        check.range("oomScoreAdj", oomScoreAdj, -1000...1000)
        checkConntrack(&check)
        check.positive("configSyncPeriod", configSyncPeriod)
        return check.problems
    }

    private func checkConnections(_ check: inout Check) {
        check.notNegative("clientConnection.burst", clientConnection.burst)
        let parts = showHiddenMetricsForVersion.split(separator: ".", omittingEmptySubsequences: false)
        if !showHiddenMetricsForVersion.isEmpty, parts.count != 2 || parts.contains(where: { UInt8($0) == nil }) {
            check.mustBe("showHiddenMetricsForVersion", "a version such as 1.35", showHiddenMetricsForVersion)
        }
    }

    private func checkLogging(_ check: inout Check) {
        if logging.format != "text", logging.format != "json" {
            check.mustBe("logging.format", "text or json", logging.format)
        }
        guard !Self.loggingGates.contains(where: { featureGates[$0] == true }) else { return }
        for (name, stream) in [("text", logging.options.text), ("json", logging.options.json)] {
            if stream.splitStream { check.gate("logging.options.\(name).splitStream") }
            if !stream.infoBufferSize.isZero { check.gate("logging.options.\(name).infoBufferSize") }
        }
    }

    /// Any of them opens the log's alpha options; no other gate is looked at.
    static let loggingGates: Set = ["LoggingAlphaOptions", "AllAlpha"]

    private func checkAddresses(_ check: inout Check) {
        if IPAddress(bindAddress) == nil { check.mustBe("bindAddress", "an IP address", bindAddress) }
        check.listenAddress("healthzBindAddress", healthzBindAddress)
        check.listenAddress("metricsBindAddress", metricsBindAddress)
    }

    private func checkModes(_ check: inout Check) {
        checkMode(&check)
        check.range("iptables.masqueradeBit", iptables.masqueradeBit, 0...31)
        check.periods("iptables", iptables.syncPeriod, iptables.minSyncPeriod)
        check.periods("ipvs", ipvs.syncPeriod, ipvs.minSyncPeriod)
        let schedulers = ["", "rr", "wrr", "lc", "wlc", "lblc", "lblcr", "sh", "dh", "sed", "nq", "mh"]
        if !schedulers.contains(ipvs.scheduler) {
            check.mustBe("ipvs.scheduler", "one of \(schedulers.dropFirst().joined(separator: ", "))", ipvs.scheduler)
        }
        check.cidrs("ipvs.excludeCIDRs", ipvs.excludeCIDRs)
        check.notNegative("ipvs.tcpTimeout", ipvs.tcpTimeout)
        check.notNegative("ipvs.tcpFinTimeout", ipvs.tcpFinTimeout)
        check.notNegative("ipvs.udpTimeout", ipvs.udpTimeout)
        check.range("nftables.masqueradeBit", nftables.masqueradeBit, 0...31)
        check.periods("nftables", nftables.syncPeriod, nftables.minSyncPeriod)
    }

    private func checkMode(_ check: inout Check) {
        let windows = ["kernelspace", "winuserspace"]
        guard windows.contains(mode) else { return check.oneOf("mode", mode, ProxyMode.self) }
        let known = ProxyMode.allCases.map(\.rawValue).joined(separator: ", ")
        check.add("mode", "\"\(mode)\" is a mode of Windows; on Linux there are \(known)")
    }

    private func checkLocalDetection(_ check: inout Check) {
        check.oneOf("detectLocalMode", detectLocalMode, LocalMode.self)
        if detectLocalMode == LocalMode.bridgeInterface.rawValue {
            check.interface("detectLocal.bridgeInterface", detectLocal.bridgeInterface, for: detectLocalMode)
        }
        if detectLocalMode == LocalMode.interfaceNamePrefix.rawValue {
            check.interface("detectLocal.interfaceNamePrefix", detectLocal.interfaceNamePrefix, for: detectLocalMode)
        }
        let cidrs = clusterCIDR.split(separator: ",", omittingEmptySubsequences: false).map { CIDR($0.trimmed) }
        let families = Set(cidrs.compactMap { $0?.family })
        if !clusterCIDR.isEmpty, cidrs.contains(nil) || families.count != cidrs.count {
            check.mustBe("clusterCIDR", "a CIDR, or an IPv4 and an IPv6 one with a comma between them", clusterCIDR)
        }
    }

    private func checkConntrack(_ check: inout Check) {
        check.notNegative("conntrack.maxPerCore", conntrack.maxPerCore)
        check.notNegative("conntrack.min", conntrack.min)
        check.notNegative("conntrack.tcpEstablishedTimeout", conntrack.tcpEstablishedTimeout)
        check.notNegative("conntrack.tcpCloseWaitTimeout", conntrack.tcpCloseWaitTimeout)
        check.notNegative("conntrack.udpTimeout", conntrack.udpTimeout)
        check.notNegative("conntrack.udpStreamTimeout", conntrack.udpStreamTimeout)
    }
}

/// Rules that several fields share.
private struct Check {
    private(set) var problems: [ConfigurationProblem] = []

    mutating func add(_ path: String, _ reason: String) {
        problems.append(ConfigurationProblem(origin: "", path: path, reason: reason))
    }

    mutating func mustBe(_ path: String, _ what: String, _ value: String) {
        add(path, "must be \(what), got \"\(value)\"")
    }

    mutating func gate(_ path: String) { add(path, "needs the feature gate LoggingAlphaOptions") }

    mutating func range(_ path: String, _ value: Int32, _ range: ClosedRange<Int32>) {
        if !range.contains(value) {
            add(path, "must be between \(range.lowerBound) and \(range.upperBound), got \(value)")
        }
    }

    mutating func notNegative(_ path: String, _ value: Int32) {
        if value < 0 { add(path, "must not be negative, got \(value)") }
    }

    mutating func notNegative(_ path: String, _ value: GoDuration) {
        if value < .zero { add(path, "must not be negative, got \(value)") }
    }

    mutating func positive(_ path: String, _ value: GoDuration) {
        if value <= .zero { add(path, "must be greater than 0, got \(value)") }
    }

    mutating func periods(_ section: String, _ period: GoDuration, _ minimum: GoDuration) {
        positive("\(section).syncPeriod", period)
        notNegative("\(section).minSyncPeriod", minimum)
        if minimum > period, period > .zero {
            add("\(section).minSyncPeriod", "must not be longer than syncPeriod (\(period)), got \(minimum)")
        }
    }

    mutating func oneOf<Name>(_ path: String, _ value: String, _ type: Name.Type)
    where Name: RawRepresentable<String> & CaseIterable {
        guard Name(rawValue: value) == nil else { return }
        mustBe(path, "one of \(Name.allCases.map(\.rawValue).joined(separator: ", "))", value)
    }

    mutating func cidrs(_ path: String, _ values: [String], orElse word: String? = nil) {
        for (index, value) in values.enumerated() where CIDR(value) == nil {
            let alternative = word.map { ", or \($0) alone" } ?? ""
            mustBe("\(path)[\(index)]", "a CIDR such as 10.0.0.0/8\(alternative)", value)
        }
    }

    /// Names of interfaces have at most 15 bytes (IFNAMSIZ), no white space and no slash.
    mutating func interface(_ path: String, _ name: String, for mode: String) {
        if name.isEmpty {
            add(path, "required for detectLocalMode \(mode)")
        } else if name.utf8.count > 15 || name.contains(where: { $0.isWhitespace || $0 == "/" }) {
            mustBe(path, "an interface's name of at most 15 characters", name)
        }
    }

    mutating func listenAddress(_ path: String, _ value: String) {
        guard !value.isEmpty else { return }
        guard let address = AddressPort(value), address.port > 0 else {
            return mustBe(path, "IP:port with a port from 1 to 65535", value)
        }
    }
}
