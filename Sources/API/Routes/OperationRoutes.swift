import Entitlements
import HTTPTypes
import Hummingbird
import NIOCore
import Service
import Store

extension Routes {
    func addOperations(to registry: inout Registry) {
        registry.add(.get, "/healthz") { _, _ in Response(["status": "ok"]) }
        registry.add(.get, "/readyz") { [usher] _, _ in
            // Asks the database, as every check does.
            _ = try await usher.barrier.view()
            return Response(["status": "ready"])
        }
        registry.add(.get, "/metrics") { _, _ in
            let text = await metrics()
            return Response(
                status: .ok,
                headers: [.contentType: "text/plain; version=0.0.4; charset=utf-8"],
                body: ResponseBody(byteBuffer: ByteBuffer(string: text))
            )
        }
        registry.add(.get, "/openapi.json") { [openAPI] _, _ in
            guard let openAPI else {
                throw Refusal(.notFound, "the API's description is not installed here")
            }
            return Response(bytes: openAPI)
        }
    }
}
