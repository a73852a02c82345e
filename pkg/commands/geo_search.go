package commands

import (
	"cmp"
	"slices"

	"snakecache/pkg/actor"
	"snakecache/pkg/double"
	"snakecache/pkg/geohash"
	"snakecache/pkg/proto"
	"snakecache/pkg/store"
)

func geoSearchCommands() []actor.Command {
	const group = geoGroup
	const circle = "O(N+log(M)) where N is the number of elements inside the bounding box of the circular area delimited by center and radius and M is the number of items inside the index."
	const area = "O(N+log(M)) where N is the number of elements in the grid-aligned bounding box area around the shape provided as the filter and M is the number of items inside the shape"
	const facts = " [WITHCOORD] [WITHDIST] [WITHHASH]"
	const some = " [COUNT count [ANY]]"
	const order = " [ASC | DESC]"
	const unit = " <M | KM | FT | MI>"
	const around = "<FROMMEMBER member | FROMLONLAT longitude latitude> <BYRADIUS radius" + unit + " | BYBOX width height" + unit + ">"
	read, edit := actor.Key(1, actor.RO|actor.Access), actor.Write|actor.DenyOOM
	return []actor.Command{
		{Name: "georadius", Arity: -6, Flags: edit, Keys: radiusKeys(6), Run: georadiusCommand, Group: group, Since: "3.2.0", Complexity: circle,
			Deprecated: "6.2.0", Instead: "`GEOSEARCH` and `GEOSEARCHSTORE` with the `BYRADIUS` argument",
			Summary: "Queries a geospatial index for members within a distance from a coordinate, optionally stores the result.",
			Syntax:  "key longitude latitude radius" + unit + facts + some + order + " [STORE key | STOREDIST key]"},
		{Name: "georadiusbymember", Arity: -5, Flags: edit, Keys: radiusKeys(5), Run: georadiusbymemberCommand, Group: group, Since: "3.2.0", Complexity: circle,
			Deprecated: "6.2.0", Instead: "`GEOSEARCH` and `GEOSEARCHSTORE` with the `BYRADIUS` and `FROMMEMBER` arguments",
			Summary: "Queries a geospatial index for members within a distance from a member, optionally stores the result.",
			Syntax:  "key member radius" + unit + facts + some + order + " [STORE key | STOREDIST key]"},
		{Name: "georadius_ro", Arity: -6, Flags: actor.ReadOnly, Keys: read, Run: georadiusroCommand, Group: group, Since: "3.2.10", Complexity: circle,
			Deprecated: "6.2.0", Instead: "`GEOSEARCH` with the `BYRADIUS` argument",
			Summary: "Returns members from a geospatial index that are within a distance from a coordinate.",
			Syntax:  "key longitude latitude radius" + unit + facts + some + order},
		{Name: "georadiusbymember_ro", Arity: -5, Flags: actor.ReadOnly, Keys: read, Run: georadiusbymemberroCommand, Group: group, Since: "3.2.10", Complexity: circle,
			Deprecated: "6.2.0", Instead: "`GEOSEARCH` with the `BYRADIUS` and `FROMMEMBER` arguments",
			Summary: "Returns members from a geospatial index that are within a distance from a member.",
			Syntax:  "key member radius" + unit + facts + some + order},
		{Name: "geosearch", Arity: -7, Flags: actor.ReadOnly, Keys: read, Run: geosearchCommand, Group: group, Since: "6.2.0", Complexity: area,
			Summary: "Queries a geospatial index for members inside an area of a box or a circle.",
			Syntax:  "key " + around + order + some + facts},
		{Name: "geosearchstore", Arity: -8, Flags: edit, Run: geosearchstoreCommand, Group: group, Since: "6.2.0", Complexity: area,
			Keys:    append(actor.Key(1, actor.OW|actor.Update), actor.Key(2, actor.RO|actor.Access)...),
			Summary: "Queries a geospatial index for members inside an area of a box or a circle, optionally stores the result.",
			Syntax:  "destination source " + around + order + some + " [STOREDIST]"},
	}
}

// radiusKeys are those of GEORADIUS and its kind: the one to seek in, and behind the argument at i those to store in.
func radiusKeys(i int) []actor.KeySpec {
	keys := actor.Key(1, actor.RO|actor.Access)
	for _, word := range []string{"store", "storedist"} {
		keys = append(keys, actor.KeySpec{First: i, Step: 1, Keyword: word, Use: actor.OW | actor.Update})
	}
	return keys
}

// geoSearch is what a command seeks, and what becomes of it.
type geoSearch struct {
	z     *store.ZSet // to seek in; nil if there is none
	shape geohash.Shape

	isSearch                       bool // GEOSEARCH, which names center and shape, or GEOSEARCHSTORE
	mayStore                       bool
	fromMember, fromPlace          bool
	byRadius, byBox                bool
	withDist, withHash, withPlaces bool
	any                            bool // the first ones found will do
	count                          int  // at most, 0 = all
	order                          int  // 1 nearest first, -1 farthest first
	destination                    []byte
	storeDist                      bool // distances are the scores, else positions
}

func georadiusCommand(c *actor.Call) error           { return georadius(c, true) }
func georadiusroCommand(c *actor.Call) error         { return georadius(c, false) }
func georadiusbymemberCommand(c *actor.Call) error   { return georadiusbymember(c, true) }
func georadiusbymemberroCommand(c *actor.Call) error { return georadiusbymember(c, false) }

func georadius(c *actor.Call, mayStore bool) (err error) {
	g := geoSearch{mayStore: mayStore}
	if g.z, err = findZSet(c); err != nil {
		return err
	}
	if g.shape.Center, err = readPlace(c.Args[2], c.Args[3]); err != nil {
		return err
	}
	if err = g.readRadius(c.Args[4], c.Args[5]); err != nil {
		return err
	}
	return g.run(c, c.Args.Options(6))
}

// georadiusbymember, like Redis, looks at the radius only if there is a sorted set.
func georadiusbymember(c *actor.Call, mayStore bool) (err error) {
	g := geoSearch{mayStore: mayStore}
	if g.z, err = findZSet(c); err != nil {
		return err
	}
	if g.z != nil {
		if err = g.readMember(c.Args[2]); err != nil {
			return err
		}
		if err = g.readRadius(c.Args[3], c.Args[4]); err != nil {
			return err
		}
	}
	return g.run(c, c.Args.Options(5))
}

func geosearchCommand(c *actor.Call) (err error) {
	g := geoSearch{isSearch: true}
	if g.z, err = findZSet(c); err != nil {
		return err
	}
	return g.run(c, c.Args.Options(2))
}

func geosearchstoreCommand(c *actor.Call) (err error) {
	g := geoSearch{isSearch: true, mayStore: true, destination: c.Args[1]}
	if g.z, err = store.Find[*store.ZSet](c.Keys(), c.Args[2]); err != nil {
		return err
	}
	return g.run(c, c.Args.Options(3))
}

// run reads the options and does what is asked for.
func (g *geoSearch) run(c *actor.Call, o proto.Options) error {
	for o.More() {
		if err := g.readOption(&o); err != nil {
			return err
		}
	}
	if err := g.check(c.Args[0]); err != nil {
		return err
	}
	var found []geoPoint
	if g.z != nil {
		found = g.find()
	}
	if g.destination != nil {
		g.store(c, found)
	} else {
		g.reply(c.Reply, found)
	}
	return nil
}

func (g *geoSearch) readOption(o *proto.Options) (err error) {
	switch {
	case o.Word("withdist"):
		g.withDist = true
	case o.Word("withhash"):
		g.withHash = true
	case o.Word("withcoord"):
		g.withPlaces = true
	case o.Word("any"):
		g.any = true
	case o.Word("asc"):
		g.order = 1
	case o.Word("desc"):
		g.order = -1
	case o.Left() > 1 && o.Word("count"):
		g.count, err = readPlaceCount(o.Next())
	case g.isSearch:
		return g.readSearchOption(o)
	case g.mayStore && o.Left() > 1 && o.Word("store"):
		g.destination, g.storeDist = o.Next(), false
	case g.mayStore && o.Left() > 1 && o.Word("storedist"):
		g.destination, g.storeDist = o.Next(), true
	default:
		return proto.ErrSyntax
	}
	return err
}

// readSearchOption reads what only GEOSEARCH and GEOSEARCHSTORE have.
func (g *geoSearch) readSearchOption(o *proto.Options) (err error) {
	switch {
	case !g.fromPlace && o.Left() > 1 && o.Word("frommember"):
		g.fromMember = true
		if member := o.Next(); g.z != nil {
			err = g.readMember(member)
		}
	case !g.fromMember && o.Left() > 2 && o.Word("fromlonlat"):
		g.fromPlace = true
		g.shape.Center, err = readPlace(o.Next(), o.Next())
	case !g.byBox && o.Left() > 2 && o.Word("byradius"):
		g.byRadius = true
		err = g.readRadius(o.Next(), o.Next())
	case !g.byRadius && o.Left() > 3 && o.Word("bybox"):
		g.byBox = true
		err = g.readBox(o.Next(), o.Next(), o.Next())
	case g.mayStore && o.Word("storedist"):
		g.storeDist = true
	default:
		return proto.ErrSyntax
	}
	return err
}

func readPlaceCount(arg []byte) (int, error) {
	n, err := position(arg)
	if err == nil && n <= 0 {
		err = proto.ErrCountNotAbove0
	}
	return n, err
}

func (g *geoSearch) readMember(member []byte) error {
	var ok bool
	if g.shape.Center, ok = placeOf(g.z, member); !ok {
		return proto.ErrNoPlace
	}
	return nil
}

func (g *geoSearch) readRadius(radius, unit []byte) (err error) {
	var ok bool
	if g.shape.Radius, ok = double.Parse(radius); !ok {
		return proto.ErrRadius
	}
	if g.shape.Radius < 0 {
		return proto.ErrRadiusNegative
	}
	g.shape.Unit, err = readUnit(unit)
	return err
}

func (g *geoSearch) readBox(width, height, unit []byte) (err error) {
	var ok bool
	g.shape.Box = true
	if g.shape.Width, ok = double.Parse(width); !ok {
		return proto.ErrWidth
	}
	if g.shape.Height, ok = double.Parse(height); !ok {
		return proto.ErrHeight
	}
	if g.shape.Width < 0 || g.shape.Height < 0 {
		return proto.ErrBoxNegative
	}
	g.shape.Unit, err = readUnit(unit)
	return err
}

// check refuses options that do not go together, for a command that the client calls name.
func (g *geoSearch) check(name []byte) error {
	switch {
	case g.destination != nil && (g.withDist || g.withHash || g.withPlaces):
		if g.isSearch {
			return proto.ErrGeoStore("GEOSEARCHSTORE")
		}
		return proto.ErrGeoStore("STORE option in GEORADIUS")
	case g.isSearch && !g.fromMember && !g.fromPlace:
		return proto.ErrGeoFrom(name)
	case g.isSearch && !g.byRadius && !g.byBox:
		return proto.ErrGeoBy(name)
	case g.any && g.count == 0:
		return proto.ErrAnyWithoutCount
	}
	return nil
}

// geoPoint is a member that was found.
type geoPoint struct {
	store.Scored
	place    geohash.Point
	distance float64 // in units
}

// find returns the members in the shape, of which there may be too many. With a count the nearest ones come first unless it
// is said otherwise.
func (g *geoSearch) find() []geoPoint {
	found := g.seek()
	order := g.order
	if order == 0 && g.count > 0 && !g.any {
		order = 1
	}
	if order != 0 {
		slices.SortStableFunc(found, func(x, y geoPoint) int { return order * cmp.Compare(x.distance, y.distance) })
	}
	if g.count > 0 {
		found = found[:min(g.count, len(found))]
	}
	for i := range found {
		found[i].distance /= g.shape.Unit
	}
	return found
}

// seek returns the members in the shape in the order in which they are found, with their distances in meters.
func (g *geoSearch) seek() (found []geoPoint) {
	var members store.ScoredList
	enough := func() bool { return g.any && len(found) >= g.count }
	g.shape.EachSpan(func(first, last uint64) bool {
		from, to := g.z.ByScore(store.ScoreRange{Min: float64(first), Max: float64(last), MaxExclusive: true})
		g.z.Range(from, to, func(member []byte, score float64) bool {
			place := geohash.Decode(positionOf(score))
			if meters, ok := g.shape.Contains(place); ok {
				members.Add(member, score)
				found = append(found, geoPoint{members.Entries[len(found)], place, meters})
			}
			return !enough()
		})
		return !enough()
	})
	return found
}

// store makes the destination hold what was found and answers how many members that is.
func (g *geoSearch) store(c *actor.Call, found []geoPoint) {
	var list store.ScoredList
	for _, p := range found {
		if g.storeDist {
			p.Score = p.distance
		}
		list.Entries = append(list.Entries, p.Scored)
	}
	event := "georadiusstore"
	if g.isSearch {
		event = "geosearchstore"
	}
	storeScored(c, g.destination, &list, event)
}

func (g *geoSearch) reply(r *proto.Reply, found []geoPoint) {
	facts := oneIf(g.withDist) + oneIf(g.withHash) + oneIf(g.withPlaces)
	r.Array(len(found))
	for _, p := range found {
		if facts > 0 {
			r.Array(1 + facts)
		}
		r.Bulk(p.Member)
		if g.withDist {
			replyDistance(r, p.distance)
		}
		if g.withHash {
			r.Int(int64(positionOf(p.Score)))
		}
		if g.withPlaces {
			replyPlace(r, p.place)
		}
	}
}
