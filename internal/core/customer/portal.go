package customer

import (
	"context"

	"tandem/internal/core/access"
	"tandem/internal/kit/db"
	"tandem/internal/kit/errs"
)

// PortalFields is what an owner may change of their customer in the portal.
func PortalFields() []string {
	return []string{"telephone", "address_1", "address_2", "city", "province", "postal_code", "country"}
}

// Own is the customer of the contact who asks.
func (s *Service) Own(ctx context.Context) (*Customer, error) {
	if err := access.Require(ctx, access.PortalView); err != nil {
		return nil, err
	}
	c, err := s.get(ctx, s.DB.Read(), access.From(ctx).Principal.Customer, "")
	return showing(ctx, c, err)
}

// UpdateOwn changes the address of the customer of the contact who asks: PortalFields by their names.
func (s *Service) UpdateOwn(ctx context.Context, version int64, values map[string]string) (*Customer, error) {
	if err := access.Require(ctx, access.PortalManage); err != nil {
		return nil, err
	}
	var changes []Change
	for _, name := range PortalFields() {
		if v, ok := values[name]; ok {
			changes = append(changes, Change{Field: name, Value: v})
		}
	}
	own := access.From(ctx).Principal.Customer
	var after *Customer
	err := s.DB.Write(ctx, func(tx *db.Tx) error {
		before, err := s.get(ctx, tx, own, s.DB.Dialect().ForUpdate())
		if err != nil {
			return err
		}
		if version != 0 && version != before.Version {
			return errs.Stale(shown(ctx, before))
		}
		if _, err := s.Apply(ctx, tx, before, changes, "Customer changed"); err != nil {
			return err
		}
		after, err = s.get(ctx, tx, own, "")
		return err
	})
	return showing(ctx, after, err)
}
