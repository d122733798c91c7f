import Front
import HTTPTypes
import Hummingbird
import Limits
import NIOCore
import Service
import Store

extension Routes {
    func addConsume(to registry: inout Registry) {
        registry.add(.post, ConsumeCall.hotRoute.path, consume)
    }

    /// A request to consume that the front handed over: the same code carries it out.
    private func consume(_ request: Request, _ context: EdgeContext) async throws -> Response {
        let start = NIODeadline.now()
        let call = ConsumeCall(
            body: try await Call.body(of: request, most: Limits.checkBodyBytes),
            keys: request.headers[values: .idempotencyKey],
            caller: Call.caller(of: request)
        )
        let result = await usher.barrier.result(
            session: call.asker?.session,
            account: call.asker?.account,
            caller: .key(call.caller)
        )
        let answer = await withCheckedContinuation { continuation in
            let order = call.proceed(
                result,
                by: usher,
                client: LoneCaller.shared,
                requestID: { context.requestID },
                answer: { continuation.resume(returning: $0) }
            )
            if let order { usher.meters.submit([order]) }
        }
        consumeMetrics.record([
            CheckMetrics.Sample(
                allowed: answer.allowed,
                denied: answer.denied,
                nanoseconds: (NIODeadline.now() - start).nanoseconds.magnitude
            )
        ])
        return Response(answer.response)
    }
}
