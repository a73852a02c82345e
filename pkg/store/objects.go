package store

// objects are the values of a database that do not lie in blobs: large strings and large collections, on the Go heap.
// A blob knows its object by number.
type objects struct {
	values []Value
	vacant []uint32
}

// objectSize is what an object costs in memory with its place here.
func objectSize(v Value) int { return v.Size() + 16 }

func (o *objects) at(number uint32) Value { return o.values[number] }

func (o *objects) add(v Value) uint32 {
	if number, ok := pop(&o.vacant); ok {
		o.values[number] = v
		return number
	}
	o.values = append(o.values, v)
	return uint32(len(o.values) - 1)
}

func (o *objects) remove(number uint32) {
	o.values[number] = nil
	o.vacant = append(o.vacant, number)
}
