package main

// resultSeeds are those of the printed result. Nothing was fitted to them: seeds
// 1 to 99 are for building the check and the comparison. The first six were used
// alone at first; shops differ too much for six to tell a factor of 1.3, so eighteen
// more were named before any of them was run.
func resultSeeds() []uint64 {
	return []uint64{
		5501, 7283, 9157, 11903, 13441, 17029,
		20011, 22031, 24049, 26053, 28057, 30059, 32063, 34057, 36061,
		38069, 40087, 42089, 44087, 46091, 48091, 50093, 52103, 54121,
	}
}

func sensitivitySeeds() []uint64 { return []uint64{20201, 20627} }

func buildingSeeds() []uint64 { return []uint64{11, 12, 13, 14, 15, 16} }
