import KubeAPI

/// APIService.
extension Validation {
    @Sendable static func apiService(_ object: FieldCursor, _ old: FieldCursor?, _ findings: inout Findings) {
        let (spec, name) = (object["spec"], object["metadata"]["name"])
        let expected = "\(spec["version"].string).\(spec["group"].string)"
        if name.string != expected {
            findings.invalid(name, "must be `spec.version+\".\"+spec.group`: \"\(expected)\"")
        }
        if spec["group"].isEmpty {
            if spec["version"].string != "v1" {
                findings.missing(spec["group"], "only v1 may have an empty group and it better be legacy kube")
            }
        } else {
            findings.invalid(spec["group"], NameFormats.dns1123Subdomain(spec["group"].string))
        }
        findings.invalid(spec["version"], NameFormats.dns1035Label(spec["version"].string))
        func bounded(_ field: FieldCursor, _ limit: Int64) {
            let number = field.integer ?? 0
            if !(1...limit).contains(number) {
                findings.invalid(
                    field.holding(.integer(number)), "must be positive and less than \(limit)")
            }
        }
        bounded(spec["groupPriorityMinimum"], 20_000)
        bounded(spec["versionPriority"], 1_000)
        if !spec["service"].isSet {
            if !spec["caBundle"].isEmpty {
                let size = "\(decodedSize(spec["caBundle"].string)) bytes"
                findings.invalid(
                    spec["caBundle"].holding(.string(size)), "local APIServices may not have a caBundle")
            }
            if spec["insecureSkipTLSVerify"].isTrue {
                findings.invalid(spec["insecureSkipTLSVerify"], "local APIServices may not have insecureSkipTLSVerify")
            }
        } else {
            findings.require(spec["service"]["namespace"])
            findings.require(spec["service"]["name"])
            let port = spec["service"]["port"]
            if let number = port.integer, !(1...65535).contains(number) {
                findings.invalid(port, "port is not valid: must be between 1 and 65535, inclusive")
            }
            if spec["insecureSkipTLSVerify"].isTrue, !spec["caBundle"].isEmpty {
                findings.invalid(spec["insecureSkipTLSVerify"], "may not be true if caBundle is present")
            }
        }
    }
}
