extension MeterWriter {
    /// Carries out orders that belong together in one request; each by itself counts, or does not.
    ///
    /// - Parameters:
    ///   - count: How many.
    ///   - make: Makes the order of a place, which has to be completed by what it is given.
    /// - Returns: How each ended, by its place.
    package func carryOut(
        _ count: Int,
        make: (
            _ place: Int,
            _ client: any BarrierClient,
            _ complete: @escaping @Sendable (Result<OrderOutcome, MeterFailure>) -> Void
        ) -> any MeterOrder
    ) async -> [Result<OrderOutcome, MeterFailure>] {
        await gather(count) { answer in
            submit(
                (0..<count)
                    .map { place in make(place, LoneCaller.shared) { answer(place, $0) } }
            )
        }
    }
}
