import Glibc

/// A net.d directory: the first configuration by name is the node's network, as CRI runtimes take it.
public enum NetworkDirectory {
    private static let extensions = [".conflist", ".conf", ".json"]
    /// A configuration is small.
    private static let byteLimit = 1 << 20

    /// Throws when there is none, or when the first breaks the format: a broken file must not let another network in.
    public static func load(_ directory: String) throws(CNIFailure) -> NetworkConfigList {
        guard let name = names(in: directory).first else {
            throw CNIFailure(
                CNIFailure.Code.notAvailable, "there is no network configuration in \(directory): put a conflist there")
        }
        let path = "\(directory)/\(name)"
        guard let bytes = SmallFile.read(path, limit: byteLimit) else {
            throw CNIFailure(
                CNIFailure.Code.ioFailure, "cannot read \(path): \(String(cString: strerror(errno)))")
        }
        return try NetworkConfigList(bytes, place: path)
    }

    private static func names(in directory: String) -> [String] {
        SmallFile.names(in: directory).filter { name in extensions.contains { name.hasSuffix($0) } }.sorted()
    }
}
