/// Removes what every mode ever makes.
public enum ProxyCleanup {
    /// Leaves no trace of the tables; nothing there is no error. What the configuration leaves to others stays.
    public static func run(tableName: String, _ configuration: KubeProxyConfiguration) throws {
        let factory = ModeFactory(tableName: tableName, ipvs: configuration.ipvsSettings)
        let left = factory.cleanUp(factory.modes)
        guard left.isEmpty else { throw CleanupFailure(sentences: left) }
    }
}

/// What could not be removed.
struct CleanupFailure: Error, CustomStringConvertible {
    let sentences: [String]
    var description: String { "cannot remove everything: " + sentences.joined(separator: "; ") }
}
