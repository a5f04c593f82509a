import NetTypes
import ProxyNftables

/// Removes what every mode ever makes.
public enum ProxyCleanup {
    /// Leaves no trace of the tables; nothing there is no error.
    public static func run(tableName: String) throws {
        for family in IPFamily.allCases {
            var backend = try NftablesBackend(family: family, tableName: tableName)
            try backend.cleanup()
        }
    }
}
