import KubeAPI

extension PodSpecValidation {
    mutating func securityContext() {
        let security = spec["securityContext"]
        for name in ["fsGroup", "runAsUser", "runAsGroup"] { findings.within(security[name], 0...Int64(Int32.max)) }
        for group in security["supplementalGroups"].items { findings.within(group, 0...Int64(Int32.max)) }
        if spec["shareProcessNamespace"].isTrue, spec["hostPID"].isTrue {
            findings.invalid(spec["shareProcessNamespace"], "ShareProcessNamespace and HostPID cannot both be enabled")
        }
        sysctls(security["sysctls"])
        seccomp(security["seccompProfile"])
        appArmor(security["appArmorProfile"])
        findings.expect(security["seLinuxChangePolicy"], oneOf: ["MountOption", "Recursive"])
    }

    mutating func securityContext(of container: FieldCursor) {
        let security = container["securityContext"]
        guard security.isSet else { return }
        for name in ["runAsUser", "runAsGroup"] { findings.within(security[name], 0...Int64(Int32.max)) }
        if security["procMount"].string == "Unmasked", hasHostUsers {
            findings.invalid(security["procMount"], "`hostUsers` must be false to use `Unmasked`")
        }
        seccomp(security["seccompProfile"])
        if security["allowPrivilegeEscalation"].value == .bool(false) {
            if security["privileged"].isTrue {
                findings.invalid(
                    security, "cannot set `allowPrivilegeEscalation` to false and `privileged` to true")
            }
            for capability in security["capabilities"]["add"].items where capability.string == "CAP_SYS_ADMIN" {
                findings.invalid(
                    security, "cannot set `allowPrivilegeEscalation` to false and `capabilities.Add` CAP_SYS_ADMIN")
            }
        }
        appArmor(security["appArmorProfile"])
    }

    private mutating func seccomp(_ profile: FieldCursor) {
        guard profile.isSet else { return }
        findings.require(profile["type"], "type is required when seccompProfile is set")
        let file = profile["localhostProfile"]
        if profile["type"].string != "Localhost" {
            if file.isSet {
                findings.invalid(file.holding(profile.value), "can only be set when seccomp type is Localhost")
            }
        } else if file.isSet {
            findings.localPath(file, isReserved: false)
        } else {
            findings.missing(file, "must be set when seccomp type is Localhost")
        }
    }

    private mutating func appArmor(_ profile: FieldCursor) {
        guard profile.isSet else { return }
        findings.require(profile["type"], "type is required when appArmorProfile is set")
        let name = profile["localhostProfile"]
        switch profile["type"].string {
        case "Localhost":
            if name.string.first?.isWhitespace == true || name.string.last?.isWhitespace == true {
                findings.invalid(name, "must not be padded with whitespace")
            } else if name.isEmpty {
                findings.missing(name, "must be set when AppArmor type is Localhost")
            }
            findings.atMost(name, bytes: 4095)
        case "RuntimeDefault", "Unconfined":
            if name.isSet { findings.invalid(name, "can only be set when AppArmor type is Localhost") }
        default: break
        }
    }

    // MARK: - Kernel parameters

    private mutating func sysctls(_ list: FieldCursor) {
        var seen: Set<String> = []
        for sysctl in list.items {
            let name = sysctl["name"]
            if name.isEmpty {
                findings.missing(name)
            } else if !NameFormats.isSysctl(name.string) {
                findings.invalid(
                    name, "must have at most 253 characters and match regex ^\(NameFormats.sysctlPattern)$")
            } else if seen.contains(name.string) {
                findings.duplicate(name)
            }
            seen.insert(name.string)
            for (space, setting) in [("net", "hostNetwork"), ("ipc", "hostIPC")]
            where spec[setting].isTrue && Self.namespace(ofSysctl: name.string) == space {
                findings.invalid(name, "may not be specified when '\(setting)' is true")
            }
        }
    }

    /// The namespace that the kernel keeps a parameter in; nil when it has it once.
    private static func namespace(ofSysctl name: String) -> String? {
        let name = name.replacing("/", with: ".")
        if name.hasPrefix("net.") { return "net" }
        let isOfIPC =
            ["kernel.shm", "kernel.msg", "fs.mqueue."].contains { name.hasPrefix($0) } || name == "kernel.sem"
        return isOfIPC ? "ipc" : nil
    }

    /// What a user namespace of its own cannot be combined with.
    mutating func hostUsers() {
        guard !hasHostUsers else { return }
        let reason = "when `hostUsers` is false"
        if spec["hostNetwork"].isTrue { findings.forbidden(spec["hostNetwork"], reason) }
        // Upstream writes these two with capitals.
        for (field, name) in [("hostPID", "HostPID"), ("hostIPC", "HostIPC")] where spec[field].isTrue {
            findings.forbidden(spec[name], reason)
        }
        for container in allContainers where !container["volumeDevices"].isEmpty {
            findings.forbidden(container["volumeDevices"], reason)
        }
    }
}
