/// The known word that somebody most likely meant; nil where none is close.
private func suggestion(for word: String, among known: some Sequence<String>) -> String? {
    // A long word is no slip of the keys, and the distance costs its length squared.
    guard word.utf8.count <= 128 else { return nil }
    let bound = max(1, min(2, word.count / 2))
    let close = known.map { (distance: editDistance(word, $0), word: $0) }
        .filter { $0.distance <= bound }
    return close.min { ($0.distance, $0.word) < ($1.distance, $1.word) }?.word
}

/// What to do about an unknown word: the word that was meant, where one is close.
package func remedy(
    for word: String,
    among known: some Sequence<String>,
    otherwise: String
) -> String {
    suggestion(for: word, among: known).map { "did you mean `\($0)`?" } ?? otherwise
}

/// How many letters to insert, drop, replace or swap with their neighbour.
private func editDistance(_ left: String, _ right: String) -> Int {
    let left = Array(left.lowercased())
    let right = Array(right.lowercased())
    var rows = [Array(0...right.count)]
    for row in 0..<left.count {
        var next = [row + 1]
        for column in 0..<right.count {
            let isSame = left[row] == right[column]
            var best = min(rows[row][column] + (isSame ? 0 : 1), next[column] + 1)
            best = min(best, rows[row][column + 1] + 1)
            if row > 0, column > 0, left[row] == right[column - 1], left[row - 1] == right[column] {
                best = min(best, rows[row - 1][column - 1] + 1)
            }
            next.append(best)
        }
        rows.append(next)
    }
    return rows[left.count][right.count]
}
