import Glibc

extension IPSetSocket {
    /// Destroys a set whose last rule has just gone: nf_tables lets go of it a little later. Waits up to a second.
    public mutating func destroySoon(_ set: String) throws {
        for _ in 0..<100 {
            do {
                return try destroy(set)
            } catch let error as IPSetError where error.isInUse {
                usleep(10_000)
            }
        }
        try destroy(set)
    }
}
