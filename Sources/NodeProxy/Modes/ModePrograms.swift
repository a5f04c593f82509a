import NetTypes
import ProxyCore

/// The mode in force, and the way to another one. On the loop's thread.
struct ModePrograms {
    private(set) var mode: ProxyMode
    private(set) var programs: [any FamilyProgram]
    /// Of modes that were in force, while they still serve what came to them.
    private var retiring: [any FamilyProgram] = []
    /// Why `auto` chose the mode; nil when it was named.
    let choice: String?
    private let factory: any ProgramMaker
    /// What other modes left behind from earlier has been taken away.
    private(set) var isAlone = false

    /// Throws `MissingFeatures` when the machine cannot do the mode, or for `auto` any mode.
    init(_ wanted: ProxyMode, factory: any ProgramMaker) throws {
        self.factory = factory
        guard wanted == .auto else {
            (mode, programs, choice) = (wanted, try factory.capable(wanted), nil)
            return
        }
        var reasons: [String] = []
        for mode in factory.modes {
            do {
                let programs = try factory.capable(mode)
                let others = reasons.isEmpty ? "it is the best mode and the kernel has all it needs" : nil
                (self.mode, self.programs) = (mode, programs)
                choice = others ?? reasons.joined(separator: "; ")
                return
            } catch { reasons.append("not \(mode.rawValue): \(error)") }
        }
        throw MissingFeatures(sentences: reasons)
    }

    /// Programs another mode beside the present one, checks that it holds, and only then takes the old one away: new
    /// connections meet one of the two at any time, established ones go on by conntrack. On an error the old mode
    /// stays, and nothing of the new one.
    mutating func change(to wanted: ProxyMode, _ state: ProxyState) throws -> ModeChange {
        let started = ContinuousClock.now
        let old = self
        var next = try ModePrograms(wanted, factory: factory)
        guard next.mode != mode else { return ModeChange(from: mode, to: mode, duration: .zero, leftOver: nil) }
        do {
            for program in next.programs {
                _ = try program.program(ProxyDelta(), state)
                try program.verify(state)
            }
        } catch {
            for program in next.programs { try? program.cleanup() }
            retiring += next.programs
            throw error
        }
        next.isAlone = old.isAlone
        next.retiring = old.retiring + old.programs
        self = next
        var leftOver: String?
        for program in old.programs {
            do { try program.cleanup() } catch { leftOver = "\(error)" }
        }
        return ModeChange(from: old.mode, to: mode, duration: .now - started, leftOver: leftOver)
    }

    /// When `tend` is due; nil when nothing waits.
    var tendingDue: ContinuousClock.Instant? { (programs + retiring).compactMap(\.tendingDue).min() }

    /// Does what waits for time to pass. True when flows have come to lead nowhere: a mode that is no longer in force
    /// has served them to their end.
    mutating func tend() -> Bool {
        let carriedFlows = retiring.contains(where: \.carriesFlows)
        for program in programs + retiring { program.tend() }
        retiring.removeAll { $0.tendingDue == nil }
        return carriedFlows && mode != .userspace && !retiring.contains(where: \.carriesFlows)
    }

    /// A socket of the mode in force, or of one that still serves what came to it, answers the flow.
    func answers(_ flow: TrackedFlow) -> Bool { (programs + retiring).contains { $0.answers(flow) } }

    /// Takes another mode while nothing has been programmed yet.
    mutating func replace(by wanted: ProxyMode) throws -> ModeChange {
        let old = mode
        self = try ModePrograms(wanted, factory: factory)
        return ModeChange(from: old, to: mode, duration: .zero, leftOver: nil)
    }

    /// Takes away what other modes left from earlier, once the present one is programmed; returns what cannot go.
    mutating func cleanUpOthers() -> [String] {
        guard !isAlone, programs.allSatisfy({ $0.isProgrammed }) else { return [] }
        isAlone = true
        return factory.cleanUp(factory.modes.filter { $0 != mode })
    }
}

/// A change of the mode that has happened.
public struct ModeChange: Sendable, Hashable, CustomStringConvertible {
    public let from: ProxyMode
    public let to: ProxyMode
    public let duration: Duration
    /// What of the old mode could not be removed.
    public let leftOver: String?

    public var description: String {
        if from == to { return "mode \(to.rawValue) is in force already" }
        let milliseconds = Int(duration / .milliseconds(1))
        return "switched from \(from.rawValue) to \(to.rawValue) in \(milliseconds) ms"
            + (leftOver.map { "; left over: \($0)" } ?? "")
    }
}

/// What makes modes: the kernel's, or a test's.
protocol ProgramMaker {
    /// The modes there are, best first.
    var modes: [ProxyMode] { get }
    /// Both families of a mode, nothing done yet.
    func programs(_ mode: ProxyMode) throws -> [any FamilyProgram]
}

extension ProgramMaker {
    /// The programs of a mode that the machine can do. A kernel that lacks something is named here, not at the first
    /// change.
    func capable(_ mode: ProxyMode) throws -> [any FamilyProgram] {
        guard modes.contains(mode) else {
            let names = (modes.map(\.rawValue) + ["auto"]).joined(separator: ", ")
            throw MissingFeatures(sentences: ["apus has no mode \(mode.rawValue); the modes there are: \(names)"])
        }
        let programs = try programs(mode)
        let missing = try programs.flatMap { try $0.missingFeatures() }
        guard missing.isEmpty else {
            var told: Set<String> = []
            throw MissingFeatures(sentences: missing.filter { told.insert($0).inserted })
        }
        return programs
    }

    /// Removes everything that these modes ever make; returns what cannot go. A mode that cannot even be set up has
    /// left nothing.
    func cleanUp(_ modes: [ProxyMode]) -> [String] {
        modes.flatMap { mode -> [String] in
            guard let programs = try? programs(mode) else { return [] }
            return programs.compactMap { program in
                do {
                    try program.cleanup()
                    return nil
                } catch { return "\(mode.rawValue), \(program.family): \(error)" }
            }
        }
    }
}

/// What a mode needs of the kernel and does not find.
struct MissingFeatures: Error, CustomStringConvertible {
    let sentences: [String]
    var description: String { sentences.joined(separator: "; ") }
}
