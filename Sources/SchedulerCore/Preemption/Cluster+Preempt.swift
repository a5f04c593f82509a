/// Preemption (upstream's DefaultPreemption): where would pods of lower priority leave enough room?
extension Cluster {
    /// `decision` found no node for the pod.
    public mutating func planPreemption(
        for pod: Pod, after decision: Decision, profile: Profile, cursor: inout SchedulingCursor
    ) -> PreemptionPlan {
        if let reason = ineligibility(pod, decision) {
            return .decline(message: "preemption: \(reason)", keepsNomination: true)
        }
        let filters = FilterSet(pod, in: &self, profile: profile)
        var diagnosis = Diagnosis(nodes: nodeCount)
        let hopeless = nodeCount - decision.resolvable.count
        if hopeless > 0 {
            let reason = "Preemption is not helpful for scheduling"
            diagnosis.add(Refusal(.defaultPreemption, [reason], isResolvable: false), nodes: hopeless)
        }
        guard var best = bestVictims(pod, decision.resolvable, filters, profile, &cursor, &diagnosis) else {
            return .decline(message: "preemption: \(diagnosis.message())", keepsNomination: false)
        }
        best.displaced = nominations.following(pod, on: best.node)
        return .evict(best)
    }

    /// Why the pod must not preempt at all.
    private func ineligibility(_ pod: Pod, _ decision: Decision) -> String? {
        if pod.neverPreempts { return "not eligible due to preemptionPolicy=Never." }
        let nominated = nominations.node(of: pod.key) ?? pod.nominatedNode
        guard !nominated.isEmpty, let place = places[nominated], decision.resolvable.contains(place) else { return nil }
        let leaves = nodes[place].pods.values.contains {
            $0.isTerminating && $0.isPreempted && $0.priority < pod.priority
        }
        return leaves ? "not eligible due to a terminating pod on the nominated node." : nil
    }

    private mutating func bestVictims(
        _ pod: Pod, _ candidates: [Int], _ filters: FilterSet, _ profile: Profile, _ cursor: inout SchedulingCursor,
        _ diagnosis: inout Diagnosis
    ) -> Victims? {
        guard !candidates.isEmpty else { return nil }
        let arguments = profile.preemption
        let share = Int64(candidates.count).multipliedClamped(by: arguments.minimumCandidatesPercentage) / 100
        let enough = max(share, arguments.minimumCandidates)
        let budgets = BudgetLedger(self.budgets.values)
        let start = cursor.random(below: candidates.count)
        var best: Victims?
        var found: Int64 = 0
        for offset in candidates.indices {
            let place = candidates[(start + offset) % candidates.count]
            var selection = VictimSelection(for: pod, at: place, filters, in: self)
            switch selection.run(budgets, in: &self) {
            case .refused(let reasons):
                diagnosis.add(Refusal(.defaultPreemption, reasons, isResolvable: true))
            case .victims(let victims):
                found += 1
                if best.map({ victims.isBetter(than: $0) }) ?? true { best = victims }
            }
            // Without a candidate that respects the budgets, look on.
            if found >= enough, best?.violations == 0 { break }
        }
        return best
    }
}
