"""What the months' units mean: compute by measure, the gap, money, power. Sums come before quantiles."""
