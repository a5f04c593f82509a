import ControllerCore
import KubeAPI
import KubeClient

/// Fills Secrets of type kubernetes.io/service-account-token, and deletes those whose account is gone.
public struct TokenSecretController: Controller {
    public static let name = "serviceaccount-token-controller"
    private let loop: ObjectLoop

    public init(_ context: ControllerContext) {
        loop = ObjectLoop(Self.name, .secret, context)
        loop.also(.serviceAccount) { change in
            if case .updated(let old, let new) = change, old.uid == new.uid { return [] }
            let account = change.object.key
            return context[.secret].objects(Indexes.namespace, account.namespace)
                .filter { TokenSecrets.account(of: $0) == account }.map(\.key)
        }
    }

    public func run() async {
        let context = loop.context
        guard let keys = context.settings.keys, keys.issuesTokens else {
            return context.logger.warning(
                "no --service-account-private-key-file and no --data-dir: token Secrets are not filled in")
        }
        await loop.decide { secret in
            guard let key = TokenSecrets.account(of: secret) else { return Decision() }
            return try TokenSecrets.decide(
                secret, account: try await context.find(.serviceAccount, key), authority: context.settings.rootAuthority
            ) { try keys.token(namespace: secret.namespace, account: $0, secret: secret.name) }
        }
    }
}
