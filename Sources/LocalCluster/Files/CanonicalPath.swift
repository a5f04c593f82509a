import Glibc

/// A path as the kernel writes it: absolute, without `.`, `..`, doubled slashes and symbolic links. What is not there yet is
/// taken by its text.
public enum CanonicalPath {
    /// - Parameter here: where a relative path begins.
    public static func of(_ path: String, from here: String = currentFolder) -> String {
        let words = (path.hasPrefix("/") ? path : "\(here)/\(path)").split(separator: "/")
        return words.reduce("/") { known, word in
            switch word {
            case ".": return known
            case "..": return parent(known)
            default:
                let next = known == "/" ? "/\(word)" : "\(known)/\(word)"
                return resolved(next) ?? next
            }
        }
    }

    public static var currentFolder: String {
        guard let here = getcwd(nil, 0) else { return "/" }
        defer { free(here) }
        return String(cString: here)
    }

    private static func parent(_ path: String) -> String {
        let words = path.split(separator: "/").dropLast()
        return "/" + words.joined(separator: "/")
    }

    private static func resolved(_ path: String) -> String? {
        guard let real = realpath(path, nil) else { return nil }
        defer { free(real) }
        return String(cString: real)
    }
}
