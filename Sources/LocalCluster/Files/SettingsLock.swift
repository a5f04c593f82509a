import Glibc

/// Lets one at a time read, change and write a cluster's settings.
enum SettingsLock {
    static func held<Value>(_ layout: ClusterLayout, _ body: () throws -> Value) throws -> Value {
        let file = open(layout.settingsLock, O_RDONLY | O_CREAT | O_CLOEXEC, 0o600)
        guard file >= 0 else {
            throw ClusterFailure("cannot open \(layout.settingsLock): \(String(cString: strerror(errno)))")
        }
        defer { close(file) }
        while flock(file, LOCK_EX) != 0 {
            guard errno == EINTR else {
                throw ClusterFailure("cannot lock \(layout.settingsLock): \(String(cString: strerror(errno)))")
            }
        }
        return try body()
    }
}
