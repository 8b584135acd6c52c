/* SPDX-License-Identifier: LGPL-2.1-only OR BSD-2-Clause */
/* What only C++ has, and BTF has no place for: the rest of the file must survive it. */
struct from_c {
	int x;
};

namespace space {
class base {
public:
	virtual ~base() {}
	virtual int method(int &reference) const { return reference + member; }
	static int shared;
	int member = 1;
};
class derived : public base {
public:
	int method(int &&moved) { return moved; }
	int base::*pointer_to_member = &base::member;
	int (base::*pointer_to_method)(int &) const = &base::method;
	enum class scoped : unsigned char { A = 255 } scoped = scoped::A;
};
template <typename T, int N> struct holder {
	T values[N];
	decltype(nullptr) nothing;
};
int base::shared;
}

space::derived object;
space::holder<long, 4> holder;
char16_t wide_char;
bool flag;
auto lambda = [](int x) { return x + 1; };

extern "C" int plus(int x, struct from_c *c)
{
	return object.method(x + lambda(c->x));
}
