import NetTypes
import ProxyCore
import Testing

@testable import NodeProxy

/// Choosing and changing modes with programs that note what is done to them.
@Suite struct ModeProgramsTests {
    static let state = ProxyState(node: NodeFacts(name: "n1"))

    @Test func autoTakesTheBestModeThatTheMachineCanDo() throws {
        let machine = Machine()
        machine.missing = [.nftables: ["the kernel cannot hold nftables tables"]]
        let modes = try ModePrograms(.auto, factory: machine)
        #expect(modes.mode == .iptables)
        #expect(modes.choice == "not nftables: the kernel cannot hold nftables tables")
        #expect(machine.journal == [])
    }

    @Test func aModeThatIsMissingIsNamed() {
        let machine = Machine()
        machine.missing = [.nftables: ["no tables", "no tables"], .iptables: ["no iptables-restore"]]
        let named = #expect(throws: MissingFeatures.self) { try ModePrograms(.nftables, factory: machine) }
        #expect(named?.description == "no tables")
        let none = #expect(throws: MissingFeatures.self) { try ModePrograms(.auto, factory: machine) }
        #expect(none?.description == "not nftables: no tables; not iptables: no iptables-restore")
        let unknown = #expect(throws: MissingFeatures.self) { try ModePrograms(.userspace, factory: machine) }
        #expect(unknown?.description == "apus has no mode userspace; the modes there are: nftables, iptables, auto")
    }

    @Test func theNewModeStandsBeforeTheOldOneGoes() throws {
        let machine = Machine()
        var modes = try ModePrograms(.nftables, factory: machine)
        for program in modes.programs { _ = try program.program(ProxyDelta(), Self.state) }
        machine.journal = []
        let change = try modes.change(to: .iptables, Self.state)
        #expect(change.from == .nftables && change.to == .iptables && change.leftOver == nil)
        #expect(modes.mode == .iptables)
        #expect(
            machine.journal == [
                "program iptables IPv4", "verify iptables IPv4", "program iptables IPv6", "verify iptables IPv6",
                "clean up nftables IPv4", "clean up nftables IPv6",
            ])
    }

    /// `verify` fails in the second family: what was made is removed, and the old mode stays.
    @Test(arguments: ["program iptables IPv6", "verify iptables IPv6"])
    func aFailedChangeLeavesTheOldMode(step: String) throws {
        let machine = Machine()
        var modes = try ModePrograms(.nftables, factory: machine)
        machine.failing = step
        #expect(throws: Machine.Failure.self) { try modes.change(to: .iptables, Self.state) }
        #expect(modes.mode == .nftables)
        #expect(machine.journal.suffix(2) == ["clean up iptables IPv4", "clean up iptables IPv6"])
        #expect(!machine.journal.contains("clean up nftables IPv4"))
    }

    @Test func theModeInForceIsNotChanged() throws {
        let machine = Machine()
        var modes = try ModePrograms(.nftables, factory: machine)
        let change = try modes.change(to: .nftables, Self.state)
        #expect("\(change)" == "mode nftables is in force already")
        #expect(machine.journal == [])
    }

    /// What another mode left from before this start goes once everything is programmed, and once only.
    @Test func otherModesGoAfterTheFirstProgramming() throws {
        let machine = Machine()
        var modes = try ModePrograms(.nftables, factory: machine)
        #expect(modes.cleanUpOthers() == [])
        #expect(machine.journal == [])
        for program in modes.programs { _ = try program.program(ProxyDelta(), Self.state) }
        machine.failing = "clean up iptables IPv6"
        #expect(modes.cleanUpOthers() == ["iptables, ipv6: told to fail"])
        #expect(machine.journal.suffix(2) == ["clean up iptables IPv4", "clean up iptables IPv6"])
        #expect(modes.cleanUpOthers() == [])
    }
}

/// Makes programs that write what happens into a journal.
private final class Machine: ProgramMaker {
    struct Failure: Error, CustomStringConvertible { let description = "told to fail" }

    let modes: [ProxyMode] = [.nftables, .iptables]
    var missing: [ProxyMode: [String]] = [:]
    var failing = ""
    var journal: [String] = []

    func programs(_ mode: ProxyMode) throws -> [any FamilyProgram] {
        IPFamily.allCases.map { Program(mode, $0, self) }
    }

    func note(_ step: String) throws {
        journal.append(step)
        if step == failing { throw Failure() }
    }
}

private final class Program: FamilyProgram {
    let mode: ProxyMode
    let family: IPFamily
    private let machine: Machine
    private(set) var isProgrammed = false
    let notifications: CInt? = nil
    let due: ContinuousClock.Instant? = nil
    let tendingDue: ContinuousClock.Instant? = nil
    let retryDelay = Duration.zero
    let carriesFlows = false
    func answers(_ flow: TrackedFlow) -> Bool { false }

    init(_ mode: ProxyMode, _ family: IPFamily, _ machine: Machine) {
        self.mode = mode
        self.family = family
        self.machine = machine
    }

    private func note(_ step: String) throws {
        try machine.note("\(step) \(mode.rawValue) \(family == .ipv4 ? "IPv4" : "IPv6")")
    }

    func isDisturbed() -> Bool { false }
    func tend() {}
    func missingFeatures() throws -> [String] { family == .ipv4 ? machine.missing[mode] ?? [] : [] }
    func verify(_ state: ProxyState) throws { try note("verify") }
    func cleanup() throws { try note("clean up") }

    func program(_ delta: ProxyDelta, _ state: ProxyState) throws -> Outcome? {
        try note("program")
        isProgrammed = true
        return Outcome(report: SyncReport(), isFull: true)
    }

    func audit(_ port: ServicePort, source: IPAddress?, node: NodeFacts) throws -> KernelAccount {
        KernelAccount(place: "nowhere")
    }
}
