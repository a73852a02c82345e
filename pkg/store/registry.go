package store

// registry gives things numbers, by which blobs refer to what lies on the Go heap. A number is given again when its thing is
// gone.
type registry[T any] struct {
	values []T
	vacant []uint32
}

func (o *registry[T]) at(number uint32) T { return o.values[number] }

func (o *registry[T]) add(v T) uint32 {
	if number, ok := pop(&o.vacant); ok {
		o.values[number] = v
		return number
	}
	o.values = append(o.values, v)
	return uint32(len(o.values) - 1)
}

func (o *registry[T]) remove(number uint32) {
	o.values[number] = *new(T)
	o.vacant = append(o.vacant, number)
}
