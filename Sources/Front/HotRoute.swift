/// A request line that the front answers by itself.
///
/// The target is compared byte for byte: a query, a trailing slash or a percent sign is another
/// target, and goes to the ordinary pipeline. The same route exists in the router.
package struct HotRoute: Sendable, Hashable {
    /// `GET` (without a body) or `POST` (with one).
    package let method: String
    /// The request target, such as `/v1/check`.
    package let path: String
    /// Whether a name of 1 to 128 letters, digits and `_.:-` follows the path.
    package let takesName: Bool
    /// What the responder gets to see as ``HotRequest/route``.
    package let id: Int

    /// Names a route; one whose method or path the front cannot serve traps when it is built.
    package init(method: String, path: String, takesName: Bool = false, id: Int) {
        self.method = method
        self.path = path
        self.takesName = takesName
        self.id = id
    }
}
