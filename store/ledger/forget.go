package ledger

// Forget says what becomes of a table's rows when data of a class has reached its
// age: the whole row goes where nothing in it is of a sale, else the columns of
// the class are emptied.
func (t Table) Forget(class Class) (whole bool, empty []Column) {
	own := t.Columns[t.Key : len(t.Columns)-1] // the last is the record's number
	whole = own[0].Class == class
	for _, c := range own {
		if c.Class == class {
			empty = append(empty, c)
		}
		whole = whole && c.Class != Sale
	}
	return whole, empty
}

// Nothing is what an emptied column holds, as it is written in SQL.
func (c Column) Nothing() string {
	switch c.Kind {
	case Int:
		return "0"
	case Bool:
		return "FALSE"
	case JSON:
		return "'[]'"
	case Text:
	}
	return "''"
}
