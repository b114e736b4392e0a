package main

// resultSeeds are those of the printed result. Nothing was fitted to them: seeds
// 1 to 99 are for building the check and the comparison.
func resultSeeds() []uint64 { return []uint64{5501, 7283, 9157, 11903, 13441, 17029} }

func sensitivitySeeds() []uint64 { return []uint64{20201, 20627} }

func buildingSeeds() []uint64 { return []uint64{11, 12, 13, 14, 15, 16} }
