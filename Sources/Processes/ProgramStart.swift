import CLinux
import Glibc

/// How a program is started: its words, its surroundings, and exactly the descriptors it is given.
public struct ProgramStart: Sendable {
    /// One without a slash is looked up in this process' PATH.
    public var program: String
    /// Without the program's own name.
    public var arguments: [String]
    /// `NAME=value`; nothing else is there.
    public var environment: [String]
    /// Where it runs; nil is where this process does.
    public var folder: String?
    /// The n-th becomes its descriptor n; it has no others. Not every library opens its sockets close-on-exec, and a child
    /// must not keep our ports and connections open.
    public var descriptors: [CInt]
    /// Away from this process' terminal and the signals that come from it.
    public var hasOwnSession: Bool

    public init(
        _ program: String, _ arguments: [String] = [], environment: [String] = [], in folder: String? = nil,
        descriptors: [CInt] = [], hasOwnSession: Bool = true
    ) {
        self.program = program
        self.arguments = arguments
        self.environment = environment
        self.folder = folder
        self.descriptors = descriptors
        self.hasOwnSession = hasOwnSession
    }

    /// Starts it in the calling thread's namespaces, with no signal blocked or ignored. The caller reaps it.
    public func start() throws(ProcessError) -> pid_t {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        if let folder { apus_spawn_folder(&actions, folder) }
        redirect(&actions)
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        set(&attributes)
        var pid: pid_t = 0
        let code = withCStrings([program] + arguments) { argv in
            withCStrings(environment) { envp in
                posix_spawnp(&pid, program, &actions, &attributes, argv, envp)
            }
        }
        guard code == 0 else { throw ProcessError("cannot run \(program)", code: code) }
        return pid
    }

    /// First out of the way of each other, to numbers that none of them has, then to their places.
    private func redirect(_ actions: inout posix_spawn_file_actions_t) {
        let above = max((descriptors.max() ?? 0) + 1, CInt(descriptors.count))
        for (index, descriptor) in descriptors.enumerated() {
            posix_spawn_file_actions_adddup2(&actions, descriptor, above + CInt(index))
        }
        for index in descriptors.indices {
            posix_spawn_file_actions_adddup2(&actions, above + CInt(index), CInt(index))
        }
        apus_spawn_close_from(&actions, CInt(descriptors.count))
    }

    private func set(_ attributes: inout posix_spawnattr_t) {
        var signals = sigset_t()
        sigemptyset(&signals)
        posix_spawnattr_setsigmask(&attributes, &signals)
        sigfillset(&signals)
        posix_spawnattr_setsigdefault(&attributes, &signals)
        let session = hasOwnSession ? APUS_SPAWN_NEW_SESSION : 0
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | session))
    }
}

/// Lends a null-terminated array of C strings.
private func withCStrings<Value>(_ strings: [String], _ body: ([UnsafeMutablePointer<CChar>?]) -> Value) -> Value {
    let copies: [UnsafeMutablePointer<CChar>?] = strings.map { strdup($0) } + [nil]
    defer { copies.forEach { free($0) } }
    return body(copies)
}
