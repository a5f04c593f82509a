import Glibc
import Namespaces
import NetTypes
import PacketFlows
import TestThreads
import Testing

@testable import Nftables

/// What sessions write, read and refuse on the running kernel, with `nft` as the witness.
@Suite(.ownThread, .enabled(if: geteuid() == 0, "needs root: makes network namespaces")) struct KernelTests {
    @Test(arguments: IPFamily.allCases)
    func nftListsWhatIsWrittenAsWhatItLoads(family: IPFamily) throws {
        let sample = SampleTable(family)
        let written = try withNetworkNamespace {
            var session = try NftablesSession()
            try session.apply(sample.transaction)
            return try NftWitness.listing()
        }
        let loaded = try withNetworkNamespace {
            try NftWitness.run("-c -f -", input: sample.transaction.description)
            try NftWitness.run("-f -", input: sample.transaction.description)
            return try NftWitness.listing()
        }
        #expect(written.count > 60)
        #expect(written.difference(from: loaded).map { "\($0)" } == [])
    }

    @Test(arguments: IPFamily.allCases)
    func whatNftListsLoadsAgain(family: IPFamily) throws {
        let listing = try withNetworkNamespace {
            var session = try NftablesSession()
            try session.apply(SampleTable(family).transaction)
            return try NftWitness.run("list ruleset")
        }
        try withNetworkNamespace { _ = try NftWitness.run("-f -", input: listing) }
    }

    @Test(arguments: IPFamily.allCases)
    func whatIsReadIsWhatWasWritten(family: IPFamily) throws {
        let sample = SampleTable(family)
        try withNetworkNamespace {
            var session = try NftablesSession()
            #expect(try session.readTable(sample.id) == nil)
            try session.apply(sample.transaction)
            let observed = try #require(try session.readTable(sample.id))
            #expect(try session.tables(family) == [sample.id])
            #expect(observed.comment == "a sample")
            for set in sample.sets {
                let found = try #require(observed.sets[set.name])
                #expect(set.matches(found, family: family), "\(set.name)")
            }
            for chain in sample.chains {
                let found = try #require(observed.chains[chain.name])
                #expect(chain.matches(found, in: sample.id), "\(chain.name)")
                #expect(!Chain(chain.name, hook: chain.hook, rules: []).matches(found, in: sample.id))
            }
            for (set, elements) in sample.elements {
                var read: Set<SetElement> = []
                try session.forEachElement(of: set, in: sample.id, restart: { read = [] }) { read.insert($0) }
                #expect(read == Set(elements), "\(set)")
            }
        }
    }

    @Test func makingWhatIsThereDoesNothing() throws {
        let sample = SampleTable(.ipv4)
        try withNetworkNamespace {
            var session = try NftablesSession()
            try session.apply(sample.transaction)
            let before = try NftWitness.listing()
            var again = sample.transaction
            again.operations.removeAll { if case .addRules = $0 { true } else { false } }
            try session.apply(again)
            #expect(try NftWitness.listing() == before)
        }
    }

    @Test func everythingThatWasMadeCanGo() throws {
        let sample = SampleTable(.ipv6)
        try withNetworkNamespace {
            var session = try NftablesSession()
            try session.apply(sample.transaction)
            let elements = sample.elements.filter { $0.set != "services" }
            var removal = Transaction(sample.id, elements.map { .deleteElements(set: $0.set, $0.elements) })
            // Adding first makes deletions hold, whether the elements were there (first round) or not (second).
            for element in sample.elements where element.set == "services" {
                for _ in 1...2 {
                    removal.operations += [
                        .addElements(set: "services", element.elements),
                        .deleteElements(set: "services", element.elements),
                    ]
                }
            }
            removal.operations +=
                sample.chains.map { .flushChain($0.name) } + sample.chains.map { .deleteChain($0.name) }
            removal.operations += sample.sets.map { .deleteSet($0.name) }
            try session.apply(removal)
            let observed = try #require(try session.readTable(sample.id))
            #expect(observed.chains.isEmpty && observed.sets.isEmpty)
            try session.apply(Transaction(sample.id, [.addTable(comment: ""), .deleteTable]))
            try session.apply(Transaction(sample.id, [.addTable(comment: ""), .deleteTable]))
            #expect(try NftWitness.run("list ruleset").isEmpty)
        }
    }

    @Test func emptyTransactionsAreNotSent() throws {
        try withNetworkNamespace {
            var session = try NftablesSession()
            let table = TableID(.ipv4, "t")
            try session.apply(Transaction(table))
            try session.apply(Transaction(table, [.addElements(set: "none", []), .addRules(chain: "none", [])]))
        }
    }

    // MARK: Refusals

    @Test func theRefusedElementIsNamed() throws {
        let sample = SampleTable(.ipv4)
        try withNetworkNamespace {
            var session = try NftablesSession()
            try session.apply(sample.transaction)
            var elements = (10..<3000).map { SetElement(key: sample.service(1, slot: $0), data: sample.endpoint(9)) }
            elements.insert(SetElement(key: sample.service(1, slot: 1), data: sample.endpoint(9)), at: 2500)
            let failure = try #require(throws: NftablesError.self) {
                try session.apply(
                    Transaction(sample.id, [.addSet(sample.sets[1]), .addElements(set: "endpoints", elements)]))
            }
            #expect(failure.code == EEXIST)
            #expect(
                failure.refusals.map(\.operation) == [
                    "add element ip sample endpoints { 10.0.0.1 . udp . 53 . 1 : 10.0.0.9 . 8080 }"
                ])
        }
    }

    @Test func everyRefusalIsNamed() throws {
        let sample = SampleTable(.ipv4)
        try withNetworkNamespace {
            var session = try NftablesSession()
            try session.apply(sample.transaction)
            let failure = try #require(throws: NftablesError.self) {
                try session.apply(
                    Transaction(
                        sample.id,
                        [
                            .addRules(chain: "odds", [Rule(.counter), Rule(.verdict(.goto("nowhere")))]),
                            .deleteElements(
                                set: "sources", [SetElement(key: sample.key(5), intervalEnd: sample.key(6))]),
                            .deleteChain("balance"),
                        ]))
            }
            #expect(
                failure.refusals.map(\.operation) == [
                    "add rule ip sample odds goto nowhere",
                    "delete element ip sample sources { 0x0a000005 }",
                    "delete chain ip sample balance",
                ])
            #expect(failure.refusals.map(\.code) == [ENOENT, ENOENT, EBUSY])
            #expect("\(failure)".contains("it is still in use"))
        }
    }

    // MARK: Trying

    @Test func whatIsCheckedDoesNotHappen() throws {
        let sample = SampleTable(.ipv4)
        try withNetworkNamespace {
            var session = try NftablesSession()
            var monitor = try NftablesMonitor(ignoring: [])
            try session.check(sample.transaction)
            let failure = #expect(throws: NftablesError.self) {
                try session.check(Transaction(sample.id, [.addTable(comment: ""), .deleteSet("nowhere")]))
            }
            #expect(failure?.code == ENOENT)
            #expect(try NftWitness.run("list ruleset").isEmpty)
            #expect(monitor.drain() == [])
        }
    }

    @Test(arguments: IPFamily.allCases)
    func thisKernelLacksNothing(family: IPFamily) throws {
        try withNetworkNamespace {
            var session = try NftablesSession()
            #expect(try session.probe(family) == [])
            #expect(try NftWitness.run("list ruleset").isEmpty)
        }
    }
}
