package money

import (
	"errors"
	"math"
	"math/big"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

func TestMulDivRounds(t *testing.T) {
	tests := []struct {
		a        Amount
		num, den int64
		mode     Rounding
		want     Amount
	}{
		{5, 1, 2, HalfUp, 3},
		{-5, 1, 2, HalfUp, -3},
		{5, 1, 2, HalfEven, 2},
		{7, 1, 2, HalfEven, 4},
		{-5, 1, 2, HalfEven, -2},
		{5, 1, 2, Down, 2},
		{-5, 1, 2, Down, -2},
		{5, 1, 4, Up, 2},
		{-5, 1, 4, Up, -2},
		{5, 1, 4, HalfUp, 1},
		{5, -3, 4, HalfUp, -4},
		{258, 70000, 1070000, HalfUp, 17},
		{math.MaxInt64, 1, 1, HalfUp, math.MaxInt64},
		{math.MinInt64, 1, 1, HalfUp, math.MinInt64},
		{math.MaxInt64, math.MaxInt64, math.MaxInt64, HalfUp, math.MaxInt64},
		{3, 2, 3, Up, 2},
	}
	for _, tt := range tests {
		got, err := tt.a.MulDiv(tt.num, tt.den, tt.mode)
		if err != nil || got != tt.want {
			t.Errorf("%d x %d / %d by mode %d = %d, %v, want %d", tt.a, tt.num, tt.den, tt.mode, got, err, tt.want)
		}
	}
}

func TestOutOfRange(t *testing.T) {
	calls := map[string]func() (Amount, error){
		"add":     func() (Amount, error) { return Amount(math.MaxInt64).Add(1) },
		"add neg": func() (Amount, error) { return Amount(math.MinInt64).Add(-1) },
		"sub":     func() (Amount, error) { return Amount(math.MinInt64).Sub(1) },
		"sub neg": func() (Amount, error) { return Amount(0).Sub(math.MinInt64) },
		"neg":     Amount(math.MinInt64).Neg,
		"mul":     func() (Amount, error) { return Amount(math.MaxInt64).Mul(2) },
		"muldiv":  func() (Amount, error) { return Amount(math.MinInt64).MulDiv(math.MinInt64, 1, Down) },
		"muldiv2": func() (Amount, error) { return Amount(math.MinInt64).MulDiv(-1, 1, Down) },
		"sum":     func() (Amount, error) { return Sum(math.MaxInt64, 1, -1) },
		"roundto": func() (Amount, error) { return Amount(math.MaxInt64).RoundTo(5, Up) },
	}
	for name, call := range calls {
		if got, err := call(); !errors.Is(err, ErrRange) {
			t.Errorf("%s = %d, %v, want ErrRange", name, got, err)
		}
	}
	if _, err := Amount(1).MulDiv(1, 0, HalfUp); !errors.Is(err, ErrDivide) {
		t.Errorf("MulDiv by 0: %v, want ErrDivide", err)
	}
	if _, err := Share(1, []Amount{0, 0}); !errors.Is(err, ErrShare) {
		t.Errorf("Share over nothing: %v, want ErrShare", err)
	}
	if _, err := Share(1, []Amount{2, -1}); !errors.Is(err, ErrShare) {
		t.Errorf("Share over a negative weight: %v, want ErrShare", err)
	}
}

func TestRoundTo(t *testing.T) {
	for a, want := range map[Amount]Amount{0: 0, 2: 0, 3: 5, 7: 5, 8: 10, -2: 0, -3: -5, 1002: 1000, 1003: 1005} {
		if got, err := a.RoundTo(5, HalfUp); err != nil || got != want {
			t.Errorf("%d to fives = %d, %v, want %d", a, got, err, want)
		}
	}
}

func TestShare(t *testing.T) {
	tests := []struct {
		total   Amount
		weights []Amount
		want    []Amount
	}{
		{10, []Amount{1, 1, 1}, []Amount{4, 3, 3}},
		{-10, []Amount{1, 1, 1}, []Amount{-4, -3, -3}},
		{100, []Amount{199, 99, 0}, []Amount{67, 33, 0}},
		{1, []Amount{1, 2}, []Amount{0, 1}},
		{0, []Amount{0, 0}, []Amount{0, 0}},
		{math.MinInt64, []Amount{1}, []Amount{math.MinInt64}},
	}
	for _, tt := range tests {
		got, err := Share(tt.total, tt.weights)
		if err != nil || !slices.Equal(got, tt.want) {
			t.Errorf("Share(%d, %v) = %v, %v, want %v", tt.total, tt.weights, got, err, tt.want)
		}
	}
}

// The oracle is math/big.
func TestMulDivProperty(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, num := rapid.Int64().Draw(t, "a"), rapid.Int64().Draw(t, "num")
		den := rapid.Int64Min(1).Draw(t, "den")
		mode := Rounding(rapid.IntRange(0, 3).Draw(t, "mode"))
		product := new(big.Int).Mul(big.NewInt(a), big.NewInt(num))
		want, rest := new(big.Int).QuoRem(product, big.NewInt(den), new(big.Int))
		twice := new(big.Int).Abs(rest)
		half := twice.Lsh(twice, 1).Cmp(big.NewInt(den))
		up := map[Rounding]bool{
			HalfUp:   half >= 0,
			HalfEven: half > 0 || half == 0 && want.Bit(0) == 1,
			Down:     false,
			Up:       rest.Sign() != 0,
		}[mode]
		if up {
			want.Add(want, big.NewInt(int64(product.Sign())))
		}
		got, err := Amount(a).MulDiv(num, den, mode)
		if want.IsInt64() != (err == nil) || err == nil && int64(got) != want.Int64() {
			t.Fatalf("%d x %d / %d by mode %d = %d, %v, want %v", a, num, den, mode, got, err, want)
		}
	})
}

func TestShareProperty(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		total := Amount(rapid.Int64().Draw(t, "total"))
		weights := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) Amount {
			return Amount(rapid.Int64Range(0, 1<<40).Draw(t, "weight"))
		}), 1, 20).Draw(t, "weights")
		weights[0]++
		parts, err := Share(total, weights)
		if err != nil {
			t.Fatal(err)
		}
		if sum, err := Sum(parts...); err != nil || sum != total {
			t.Fatalf("parts %v add up to %d, %v, want %d", parts, sum, err, total)
		}
		for i, p := range parts {
			if weights[i] == 0 && p != 0 || p != 0 && (p < 0) != (total < 0) {
				t.Fatalf("part %d of %d by %d is %d", i, total, weights[i], p)
			}
		}
	})
}
