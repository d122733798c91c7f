/// What to do about an unknown word: the word that was meant, where one is close.
func remedy(for word: String, among known: some Sequence<String>, otherwise: String) -> String {
    // A long word is no slip of the keys, and the distance costs its length squared.
    guard word.utf8.count <= 64 else { return otherwise }
    let bound = max(1, min(2, word.count / 2))
    let close = known.map { (distance: editDistance(word, $0), word: $0) }
        .filter { $0.distance <= bound }
    let nearest = close.min { ($0.distance, $0.word) < ($1.distance, $1.word) }
    return nearest.map { "did you mean `\($0.word)`?" } ?? otherwise
}

/// How many letters to insert, drop or replace.
private func editDistance(_ left: String, _ right: String) -> Int {
    let left = Array(left.lowercased())
    let right = Array(right.lowercased())
    var row = Array(0...right.count)
    for (index, letter) in left.enumerated() {
        var next = [index + 1]
        for (column, other) in right.enumerated() {
            let replaced = row[column] + (letter == other ? 0 : 1)
            next.append(min(replaced, row[column + 1] + 1, next[column] + 1))
        }
        row = next
    }
    return row[right.count]
}
