package geohash

import "math"

// Shape is a circle, or a box whose sides follow the grid.
type Shape struct {
	Center        Point
	Box           bool
	Radius        float64 // of a circle, in units
	Width, Height float64 // of a box, in units
	Unit          float64 // meters
}

// Contains reports whether a place is in the shape, and how many meters it is from its center.
func (s *Shape) Contains(p Point) (meters float64, ok bool) {
	if !s.Box {
		meters = Distance(s.Center, p)
		return meters, !(meters > s.Radius*s.Unit)
	}
	if latitudeDistance(p.Latitude, s.Center.Latitude) > s.Height*s.Unit/2 ||
		Distance(p, Point{s.Center.Longitude, p.Latitude}) > s.Width*s.Unit/2 {
		return 0, false
	}
	return Distance(s.Center, p), true
}

// bounds returns the southwest and the northeast corner of what surrounds the shape.
func (s *Shape) bounds() (low, high Point) {
	width, height := s.Radius, s.Radius
	if s.Box {
		width, height = s.Width/2, s.Height/2
	}
	width, height = s.Unit*width, s.Unit*height
	rows := height / earthRadius / radian
	columns := width / earthRadius / math.Cos((s.Center.Latitude+rows)*radian) / radian
	if s.Center.Latitude < 0 {
		columns = width / earthRadius / math.Cos((s.Center.Latitude-rows)*radian) / radian
	}
	return Point{s.Center.Longitude - columns, s.Center.Latitude - rows}, Point{s.Center.Longitude + columns, s.Center.Latitude + rows}
}

// step returns how small cells may be for the shape to lie in one of them and its neighbours, more or less.
func (s *Shape) step() uint {
	const circumference = 20037726.37 // half of it, in meters
	reach := s.Radius
	if s.Box {
		reach = math.Sqrt(s.Width/2*(s.Width/2) + s.Height/2*(s.Height/2))
	}
	reach *= s.Unit
	if reach == 0 {
		return maxStep
	}
	step := -1
	for ; reach < circumference; reach *= 2 {
		step++
	}
	if latitude := math.Abs(s.Center.Latitude); latitude > 80 {
		step -= 2
	} else if latitude > 66 {
		step--
	}
	return uint(max(1, min(step, maxStep)))
}

// directions are those of the neighbours of a cell, in Redis' order; the cell itself comes first.
var directions = [...]struct{ columns, rows int }{{0, 0}, {0, 1}, {0, -1}, {1, 0}, {-1, 0}, {1, 1}, {-1, 1}, {1, -1}, {-1, -1}}

// EachSpan yields the ranges of positions, from first to last-1, in which all places of the shape are found among others,
// until yield returns false.
func (s *Shape) EachSpan(yield func(first, last uint64) bool) {
	low, high := s.bounds()
	center := cellAt(s.Center, s.step(), maxLatitude)
	if center.step > 1 && !center.reaches(low, high) {
		center = cellAt(s.Center, center.step-1, maxLatitude)
	}
	southwest, northeast := center.bounds()
	var previous cell
	for i, d := range directions {
		useless := d.rows < 0 && southwest.Latitude < low.Latitude || d.rows > 0 && northeast.Latitude > high.Latitude ||
			d.columns < 0 && southwest.Longitude < low.Longitude || d.columns > 0 && northeast.Longitude > high.Longitude
		next := center.beside(d.columns, d.rows)
		if center.step > 1 && useless || next == previous {
			continue
		}
		if !yield(next.span()) {
			return
		}
		if i > 0 {
			previous = next
		}
	}
}

// reaches reports whether a cell with its neighbours goes as far as the corners of a shape in it.
func (c cell) reaches(low, high Point) bool {
	_, north := c.beside(0, 1).bounds()
	south, _ := c.beside(0, -1).bounds()
	_, east := c.beside(1, 0).bounds()
	west, _ := c.beside(-1, 0).bounds()
	return !(north.Latitude < high.Latitude || south.Latitude > low.Latitude || east.Longitude < high.Longitude || west.Longitude > low.Longitude)
}
