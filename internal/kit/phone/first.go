package phone

import "regexp/syntax"

// program is a compiled expression that can be asked how a match may begin.
type program struct{ *syntax.Prog }

func regexpSyntax(expr string) (program, error) {
	re, err := syntax.Parse(expr, syntax.Perl)
	if err != nil {
		return program{}, err
	}
	prog, err := syntax.Compile(re.Simplify())
	return program{prog}, err
}

// canBegin tells whether a match can begin with the rune, or can be empty.
func (p program) canBegin(c rune) bool {
	seen := make([]bool, len(p.Inst))
	var visit func(pc uint32) bool
	visit = func(pc uint32) bool {
		if seen[pc] {
			return false
		}
		seen[pc] = true
		switch in := &p.Inst[pc]; in.Op {
		case syntax.InstMatch:
			return true
		case syntax.InstAlt, syntax.InstAltMatch:
			return visit(in.Out) || visit(in.Arg)
		case syntax.InstCapture, syntax.InstNop, syntax.InstEmptyWidth:
			return visit(in.Out)
		case syntax.InstFail:
			return false
		default:
			return in.MatchRune(c)
		}
	}
	return visit(uint32(p.Start))
}
