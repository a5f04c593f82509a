import ControllerCore
import KubeAPI
import KubeClient

extension ControllerContext {
    /// The ControllerRevisions of a set; those that nobody has and that match are taken up.
    func claimRevisions(of owner: APIObject, _ kind: APIKind) async throws(ClientError) -> [APIObject] {
        let informer = self[.controllerRevision]
        let candidates =
            informer.objects(Indexes.controller, owner.uid) + informer.objects(Indexes.orphan, owner.namespace)
        let claims = Claims(
            of: owner, kind, selector: .of(owner), kind: .controllerRevision, candidates: candidates)
        try await write(claims, for: owner, kind)
        return claims.owned
    }
}

extension ObjectLoop {
    /// What comes before the pods of a set, its revisions among it. One whose name is taken gets another name.
    func prepare(_ actions: [Action], for owner: APIObject) async throws {
        do throws(ClientError) {
            _ = try await perform(Decision(actions), about: owner)
        } catch {
            if error.isAlreadyExists { try await resolveCollisions(actions, owner) }
            throw error
        }
    }

    private func resolveCollisions(_ actions: [Action], _ owner: APIObject) async throws(ClientError) {
        for action in actions where action.write.isCreation {
            let key = NamespacedName(namespace: owner.namespace, name: action.write.name)
            guard case .create(.controllerRevision, _, _) = action.write,
                let existing = try await context.live(.controllerRevision, key)
            else { continue }
            _ = try await perform(RevisionCollisions.resolve(owner, kind, existing: existing), about: owner)
        }
    }
}
