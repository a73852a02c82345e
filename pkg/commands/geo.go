package commands

import (
	"math"
	"strconv"

	"snakecache/pkg/actor"
	"snakecache/pkg/double"
	"snakecache/pkg/geohash"
	"snakecache/pkg/proto"
	"snakecache/pkg/store"
)

const geoGroup = "geo"

func geoCommands() []actor.Command {
	const group = geoGroup
	read := actor.Key(1, actor.RO|actor.Access)
	return []actor.Command{
		{Name: "geoadd", Arity: -5, Flags: actor.Write | actor.DenyOOM, Keys: actor.Key(1, actor.RW|actor.Update), Run: geoaddCommand, Group: group, Since: "3.2.0",
			Complexity: "O(log(N)) for each item added, where N is the number of elements in the sorted set.",
			Summary:    "Adds one or more members to a geospatial index. The key is created if it doesn't exist.",
			Syntax:     "key [NX | XX] [CH] longitude latitude member [longitude latitude member ...]"},
		{Name: "geodist", Arity: -4, Flags: actor.ReadOnly, Keys: read, Run: geodistCommand, Group: group, Since: "3.2.0",
			Complexity: "O(1)", Summary: "Returns the distance between two members of a geospatial index.", Syntax: "key member1 member2 [M | KM | FT | MI]"},
		{Name: "geohash", Arity: -2, Flags: actor.ReadOnly, Keys: read, Run: geohashCommand, Group: group, Since: "3.2.0",
			Complexity: "O(1) for each member requested.", Summary: "Returns members from a geospatial index as geohash strings.", Syntax: "key [member [member ...]]"},
		{Name: "geopos", Arity: -2, Flags: actor.ReadOnly, Keys: read, Run: geoposCommand, Group: group, Since: "3.2.0",
			Complexity: "O(1) for each member requested.", Summary: "Returns the longitude and latitude of members from a geospatial index.", Syntax: "key [member [member ...]]"},
	}
}

// geoaddCommand is ZADD of places, whose positions are the scores.
func geoaddCommand(c *actor.Call) error {
	s := scoring{}
	o := c.Args.Options(2)
	for s.takePlaceOption(&o) {
	}
	places := c.Args[len(c.Args)-o.Left():]
	if len(places)%3 != 0 || s.nx && s.xx {
		return proto.ErrSyntax
	}
	var room [32]float64
	scores := room[:0]
	for i := 0; i < len(places); i += 3 {
		p, err := readPlace(places[i], places[i+1])
		if err != nil {
			return err
		}
		scores = append(scores, float64(geohash.Encode(p)))
	}
	if len(scores) == 0 {
		return proto.ErrSyntax
	}
	return s.apply(c, scores, places)
}

// takePlaceOption is takeOption without what makes no sense for places.
func (s *scoring) takePlaceOption(o *proto.Options) bool {
	switch {
	case o.Word("nx"):
		s.nx = true
	case o.Word("xx"):
		s.xx = true
	case o.Word("ch"):
		s.ch = true
	default:
		return false
	}
	return true
}

// readPlace reads coordinates that have a position.
func readPlace(longitude, latitude []byte) (p geohash.Point, err error) {
	var ok bool
	if p.Longitude, ok = double.Parse(longitude); !ok {
		return p, proto.ErrNotFloat
	}
	if p.Latitude, ok = double.Parse(latitude); !ok {
		return p, proto.ErrNotFloat
	}
	if !p.Valid() {
		return p, proto.ErrPlace(p.Longitude, p.Latitude)
	}
	return p, nil
}

// placeOf returns where a member of a sorted set is.
func placeOf(z *store.ZSet, member []byte) (p geohash.Point, ok bool) {
	if z == nil {
		return p, false
	}
	score, ok := z.Score(member)
	return geohash.Decode(positionOf(score)), ok
}

// positionOf returns the bits of a position that is a score. Scores may be anything, and what C makes of a number beyond
// those of 64 bits is what x86-64 does.
func positionOf(score float64) uint64 {
	const half = 1 << 63
	switch {
	case score >= 2*half:
		return 0
	case score >= half:
		return uint64(int64(score-half)) ^ half
	case score >= -half:
		return uint64(int64(score))
	}
	return half
}

// readUnit reads a unit of length and returns its meters.
func readUnit(arg []byte) (meters float64, err error) {
	switch {
	case proto.EqualFold(arg, "m"):
		return 1, nil
	case proto.EqualFold(arg, "km"):
		return 1000, nil
	case proto.EqualFold(arg, "ft"):
		return 0.3048, nil
	case proto.EqualFold(arg, "mi"):
		return 1609.34, nil
	}
	return 0, proto.ErrUnit
}

func geodistCommand(c *actor.Call) error {
	unit := 1.0
	if len(c.Args) > 5 {
		return proto.ErrSyntax
	}
	if len(c.Args) == 5 {
		var err error
		if unit, err = readUnit(c.Args[4]); err != nil {
			return err
		}
	}
	z, err := findZSet(c)
	if err != nil {
		return err
	}
	from, fromOK := placeOf(z, c.Args[2])
	to, toOK := placeOf(z, c.Args[3])
	if fromOK && toOK {
		replyDistance(c.Reply, geohash.Distance(from, to)/unit)
	} else {
		c.Reply.Null()
	}
	return nil
}

// replyDistance answers a distance with four decimals, rounded half to even as Redis does since 7.2.
func replyDistance(r *proto.Reply, distance float64) {
	const places = 4
	var text [double.MaxLen]byte
	r.Bulk(strconv.AppendFloat(text[:0], math.RoundToEven(distance*1e4)/1e4, 'f', places, 64))
}

func geohashCommand(c *actor.Call) error {
	z, err := findZSet(c)
	if err != nil {
		return err
	}
	c.Reply.Array(len(c.Args) - 2)
	for _, member := range c.Args[2:] {
		if p, ok := placeOf(z, member); ok {
			var text [16]byte
			c.Reply.Bulk(geohash.Append(text[:0], p))
		} else {
			c.Reply.Null()
		}
	}
	return nil
}

func geoposCommand(c *actor.Call) error {
	z, err := findZSet(c)
	if err != nil {
		return err
	}
	c.Reply.Array(len(c.Args) - 2)
	for _, member := range c.Args[2:] {
		if p, ok := placeOf(z, member); ok {
			replyPlace(c.Reply, p)
		} else {
			c.Reply.NullArray()
		}
	}
	return nil
}

func replyPlace(r *proto.Reply, p geohash.Point) {
	r.Array(2)
	var text [double.MaxLen]byte
	r.Decimal(double.AppendHuman(text[:0], p.Longitude))
	r.Decimal(double.AppendHuman(text[:0], p.Latitude))
}
