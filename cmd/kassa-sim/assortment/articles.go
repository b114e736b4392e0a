package assortment

import "strings"

// Articles returns the whole assortment, in the order of the shelf.
func Articles() []Article {
	var all []Article
	for _, part := range [][]Article{fresh(), dairy(), pantry(), drinks(), house()} {
		all = append(all, part...)
	}
	for i := range all {
		a := &all[i]
		if a.Item > 0 {
			a.GTIN = gtin(a.Item)
		}
		if a.Tax == "" {
			a.Tax = "A"
		}
		if a.Per == "" {
			a.Per = "each"
		}
	}
	return all
}

// Find returns the article with a GTIN (with or without leading zeros) or PLU.
func Find(code string) (Article, bool) {
	for _, a := range Articles() {
		if code == a.PLU && code != "" || a.GTIN != "" && strings.TrimLeft(code, "0") == strings.TrimLeft(a.GTIN, "0") {
			return a, true
		}
	}
	return Article{}, false
}

func fresh() []Article {
	return []Article{
		{PLU: "4011", Name: "Bananas", FR: "Bananes", AR: "موز", ID: "Pisang", Price: 179, Per: "kg", WeightG: 734, Group: "fruit", Synonyms: "plantain yellow", Art: Art{"banana", "#f4d35e", "#7a5c00"}},
		{PLU: "4128", Name: "Apples Morning Red", FR: "Pommes Rouge Matin", AR: "تفاح أحمر", ID: "Apel merah", Price: 249, Per: "kg", WeightG: 812, Group: "fruit", Synonyms: "apple red", Art: Art{"round", "#c8553d", "#3f6b3a"}},
		{PLU: "4012", Name: "Oranges", FR: "Oranges", AR: "برتقال", ID: "Jeruk", Price: 219, Per: "kg", WeightG: 965, Group: "fruit", Synonyms: "citrus juice", Art: Art{"citrus", "#ef8e2c", "#4f7a32"}},
		{PLU: "4053", Name: "Lemon", FR: "Citron", AR: "ليمون", ID: "Lemon", Price: 45, WeightG: 118, SDG: 14, Group: "fruit", Synonyms: "citrus yellow", Art: Art{"citrus", "#f2e35b", "#5d7a2c"}},
		{PLU: "4022", Name: "Green grapes", FR: "Raisin blanc", AR: "عنب أخضر", ID: "Anggur hijau", Price: 399, Per: "kg", WeightG: 520, Group: "fruit", Synonyms: "grape white", Art: Art{"grapes", "#a9c46c", "#5b4a2f"}},
		{PLU: "4065", Name: "Green pepper", FR: "Poivron vert", AR: "فلفل أخضر", ID: "Paprika hijau", Price: 349, Per: "kg", WeightG: 410, Group: "vegetables", Synonyms: "capsicum bell", Art: Art{"pepper", "#5d9a4d", "#2f5a2a"}},
		{PLU: "4064", Name: "Tomatoes", FR: "Tomates", AR: "طماطم", ID: "Tomat", Price: 289, Per: "kg", WeightG: 655, Group: "vegetables", Synonyms: "tomato red", Art: Art{"tomato", "#d6573f", "#2f5a2a"}},
		{PLU: "4562", Name: "Carrots", FR: "Carottes", AR: "جزر", ID: "Wortel", Price: 129, Per: "kg", WeightG: 890, Group: "vegetables", Synonyms: "carrot orange", Art: Art{"carrot", "#ea8a3a", "#4f8a3c"}},
		{PLU: "4072", Name: "Potatoes", FR: "Pommes de terre", AR: "بطاطس", ID: "Kentang", Price: 119, Per: "kg", WeightG: 1480, Group: "vegetables", Synonyms: "potato", Art: Art{"potato", "#c9a56b", "#7b5e34"}},
		{PLU: "4093", Name: "Yellow onions", FR: "Oignons jaunes", AR: "بصل أصفر", ID: "Bawang bombai", Price: 139, Per: "kg", WeightG: 640, Group: "vegetables", Synonyms: "onion", Art: Art{"onion", "#d9a441", "#8a5a20"}},
		{PLU: "4062", Name: "Cucumber", FR: "Concombre", AR: "خيار", ID: "Mentimun", Price: 89, WeightG: 352, SDG: 31, Group: "vegetables", Synonyms: "salad green", Art: Art{"long", "#6fa35a", "#3c6a33"}},
		{PLU: "4612", Name: "Ginger", FR: "Gingembre", AR: "زنجبيل", ID: "Jahe", Price: 599, Per: "kg", WeightG: 95, Group: "vegetables", Synonyms: "root spice", Art: Art{"potato", "#d8b981", "#8a6a3a"}},
	}
}

func dairy() []Article {
	return []Article{
		{Item: 101, Name: "Hillside milk 1 l", FR: "Lait du coteau 1 l", AR: "حليب التلال ١ لتر", ID: "Susu Bukit 1 l", Price: 129, WeightG: 1052, SDG: 6, Group: "milk", Synonyms: "dairy", Art: Art{"carton", "#dfeaf2", "#3a6ea5"}},
		{Item: 102, Name: "Oat drink 1 l", FR: "Boisson avoine 1 l", AR: "مشروب الشوفان ١ لتر", ID: "Minuman oat 1 l", Price: 199, WeightG: 1068, SDG: 6, Group: "milk", Synonyms: "vegan plant", Art: Art{"carton", "#f0e3c8", "#8a6a3a"}},
		{Item: 103, Name: "Strawberry yoghurt", FR: "Yaourt fraise", AR: "زبادي الفراولة", ID: "Yoghurt stroberi", Price: 69, WeightG: 161, SDG: 1.5, Group: "yoghurt", Synonyms: "yogurt dairy", Art: Art{"cup", "#f6d6d8", "#b8485a"}},
		{Item: 104, Name: "Peach yoghurt", FR: "Yaourt pêche", AR: "زبادي الخوخ", ID: "Yoghurt persik", Price: 69, WeightG: 161, SDG: 1.5, Group: "yoghurt", Synonyms: "yogurt dairy", Art: Art{"cup", "#fbe0c4", "#d1803a"}},
		{Item: 105, Name: "Plain yoghurt 500 g", FR: "Yaourt nature 500 g", AR: "زبادي طبيعي ٥٠٠ غ", ID: "Yoghurt tawar 500 g", Price: 149, WeightG: 518, SDG: 3, Group: "yoghurt-large", Synonyms: "yogurt natural", Art: Art{"cup", "#eef3f6", "#56728a"}},
		{Item: 106, Name: "Salted butter 250 g", FR: "Beurre demi-sel 250 g", AR: "زبدة مملحة ٢٥٠ غ", ID: "Mentega asin 250 g", Price: 249, WeightG: 254, SDG: 1.2, Group: "cheese", Synonyms: "dairy spread", Art: Art{"brick", "#f6e39a", "#b08a1e"}},
		{Item: 107, Name: "Valley cheese 200 g", FR: "Fromage de la vallée 200 g", AR: "جبن الوادي ٢٠٠ غ", ID: "Keju Lembah 200 g", Price: 329, WeightG: 214, SDG: 2.5, Group: "cheese", Synonyms: "dairy slice", Art: Art{"wedge", "#f2c94c", "#a8761a"}},
		{Item: 108, Name: "Six eggs", FR: "Six œufs", AR: "ست بيضات", ID: "Enam butir telur", Price: 219, WeightG: 398, SDG: 9, Group: "eggs", Synonyms: "egg half dozen", Art: Art{"eggs", "#e9d8c0", "#a5794b"}},
	}
}

func pantry() []Article {
	return []Article{
		{Item: 201, Name: "Country loaf", FR: "Pain de campagne", AR: "خبز ريفي", ID: "Roti desa", Price: 289, WeightG: 764, SDG: 18, Group: "bakery", Synonyms: "bread", Art: Art{"loaf", "#d9a25f", "#7c4f1f"}},
		{PLU: "701", Name: "Bread roll", FR: "Petit pain", AR: "خبز صغير", ID: "Roti kecil", Price: 35, WeightG: 62, SDG: 5, Group: "bakery", Flags: "ask-quantity", Synonyms: "bun", Art: Art{"loaf", "#e3b678", "#8f5f28"}},
		{Item: 203, Name: "Penne 500 g", FR: "Penne 500 g", AR: "معكرونة بيني ٥٠٠ غ", ID: "Penne 500 g", Price: 119, WeightG: 508, SDG: 2.5, Group: "pasta", Synonyms: "noodles", Art: Art{"packet", "#e8d08a", "#2f6d73"}},
		{Item: 204, Name: "Jasmine rice 1 kg", FR: "Riz jasmin 1 kg", AR: "أرز ياسمين ١ كغ", ID: "Beras melati 1 kg", Price: 259, WeightG: 1009, SDG: 4, Group: "rice", Synonyms: "grain", Art: Art{"packet", "#eef0e6", "#5a7a4a"}},
		{Item: 205, Name: "Chopped tomatoes", FR: "Tomates concassées", AR: "طماطم مقطعة", ID: "Tomat cincang", Price: 95, WeightG: 462, SDG: 3, Group: "tins", Synonyms: "can tin", Art: Art{"can", "#d6573f", "#f0e0cf"}},
		{Item: 206, Name: "Chickpeas", FR: "Pois chiches", AR: "حمص", ID: "Kacang arab", Price: 89, WeightG: 458, SDG: 3, Group: "tins", Synonyms: "can tin hummus", Art: Art{"can", "#d9b873", "#5a4a2c"}},
		{Item: 207, Name: "Olive oil 500 ml", FR: "Huile d’olive 500 ml", AR: "زيت زيتون ٥٠٠ مل", ID: "Minyak zaitun 500 ml", Price: 699, WeightG: 884, SDG: 7, Group: "oil", Synonyms: "cooking", Art: Art{"bottle", "#8d9a3f", "#4d5720"}},
		{Item: 208, Name: "Blackberry jam", FR: "Confiture de mûres", AR: "مربى التوت الأسود", ID: "Selai beri hitam", Price: 279, WeightG: 548, SDG: 4, Group: "spreads", Synonyms: "jelly fruit", Art: Art{"jar", "#5d3a5a", "#d9c6a3"}},
		{Item: 209, Name: "Dark chocolate", FR: "Chocolat noir", AR: "شوكولاتة داكنة", ID: "Cokelat hitam", Price: 159, WeightG: 106, SDG: 0.8, Group: "chocolate", Synonyms: "sweet cocoa bar", Art: Art{"bar", "#5a3a28", "#c99a4b"}},
		{Item: 210, Name: "Hazelnut chocolate", FR: "Chocolat noisette", AR: "شوكولاتة بالبندق", ID: "Cokelat hazelnut", Price: 159, WeightG: 107, SDG: 0.8, Group: "chocolate", Synonyms: "sweet cocoa bar", Art: Art{"bar", "#8a5a34", "#e0c08a"}},
		{Item: 211, Name: "Sea salt crisps", FR: "Chips au sel marin", AR: "رقائق بملح البحر", ID: "Keripik garam laut", Price: 189, WeightG: 164, SDG: 2, Group: "snacks", Synonyms: "chips potato", Art: Art{"packet", "#f0c64a", "#3a6ea5"}},
		{Item: 212, Name: "Chewing gum", FR: "Chewing-gum", AR: "علكة", ID: "Permen karet", Price: 79, WeightG: 17, SDG: 0.4, Group: "sweets", Synonyms: "mint", Art: Art{"bar", "#bfe0d0", "#2f7a5a"}},
		{Item: 213, Name: "Ground coffee 500 g", FR: "Café moulu 500 g", AR: "قهوة مطحونة ٥٠٠ غ", ID: "Kopi bubuk 500 g", Price: 549, WeightG: 516, SDG: 3, Group: "coffee", Synonyms: "espresso filter", Art: Art{"packet", "#6b4a34", "#d9b38a"}},
		{Item: 214, Name: "Mint tea", FR: "Thé à la menthe", AR: "شاي بالنعناع", ID: "Teh mint", Price: 229, WeightG: 58, SDG: 1, Group: "tea", Synonyms: "herbal", Art: Art{"box", "#8fbf8a", "#2f5a4a"}}, //nolint:misspell // Indonesian
	}
}

func drinks() []Article {
	return []Article{
		{Item: 301, Name: "Spring water 1.5 l", FR: "Eau de source 1,5 l", AR: "ماء ينبوع ١٫٥ لتر", ID: "Air mata air 1,5 l", Price: 59, Tax: "B", WeightG: 1538, SDG: 6, Deposit: 25, Group: "water", Synonyms: "still bottle", Art: Art{"bottle", "#cfe6f2", "#3a7ea5"}},
		{Item: 302, Name: "Spring water 6 x 1.5 l", FR: "Eau de source 6 x 1,5 l", AR: "ماء ينبوع ٦ × ١٫٥ لتر", ID: "Air mata air 6 x 1,5 l", Price: 329, Tax: "B", WeightG: 9270, SDG: 20, Deposit: 150, Group: "water", Flags: "no-bag", Synonyms: "pack", Art: Art{"pack", "#cfe6f2", "#3a7ea5"}},
		{Item: 303, Name: "Cloudy apple juice 1 l", FR: "Jus de pomme trouble 1 l", AR: "عصير تفاح ١ لتر", ID: "Jus apel keruh 1 l", Price: 189, Tax: "B", WeightG: 1049, SDG: 6, Group: "juice", Synonyms: "fruit", Art: Art{"carton", "#e6cf7a", "#7a8a2c"}},
		{Item: 304, Name: "Ginger lemonade", FR: "Limonade gingembre", AR: "ليموناضة الزنجبيل", ID: "Limun jahe", Price: 149, Tax: "B", WeightG: 548, SDG: 4, Deposit: 25, Group: "soft-drinks", Synonyms: "soda", Art: Art{"bottle", "#f0dd8a", "#b0852a"}},
		{Item: 305, Name: "Harbour lager 0.5 l", FR: "Bière du port 0,5 l", AR: "بيرة الميناء ٠٫٥ لتر", ID: "Bir Pelabuhan 0,5 l", Price: 119, Tax: "B", Age: 16, WeightG: 873, SDG: 7, Deposit: 8, Group: "beer", Synonyms: "alcohol", Art: Art{"bottle", "#b0752a", "#f0e0b0"}},
		{Item: 306, Name: "Red table wine", FR: "Vin rouge de table", AR: "نبيذ أحمر", ID: "Anggur merah", Price: 499, Tax: "B", Age: 16, WeightG: 1248, SDG: 12, Group: "wine", Synonyms: "alcohol", Art: Art{"wine", "#5a2a3a", "#e9dcc8"}},
		{Item: 307, Name: "Juniper spirit 0.7 l", FR: "Genièvre 0,7 l", AR: "مشروب العرعر ٠٫٧ لتر", ID: "Minuman juniper 0,7 l", Price: 1499, Tax: "B", Age: 18, WeightG: 1182, SDG: 9, Group: "spirits", Synonyms: "alcohol gin", Flags: "remove-tag", Art: Art{"wine", "#8ab0a5", "#2a4a42"}},
	}
}

func house() []Article {
	return []Article{
		{Item: 401, Name: "Washing-up liquid", FR: "Liquide vaisselle", AR: "سائل غسل الصحون", ID: "Sabun cuci piring", Price: 169, Tax: "B", WeightG: 556, SDG: 4, Group: "cleaning", Synonyms: "soap dishes", Art: Art{"bottle", "#7fc2a8", "#1f6a55"}},
		{Item: 402, Name: "Toilet paper, 8 rolls", FR: "Papier toilette, 8 rouleaux", AR: "ورق حمام ٨ لفات", ID: "Tisu toilet, 8 gulung", Price: 379, Tax: "B", WeightG: 912, SDG: 15, Group: "paper", Flags: "no-bag", Synonyms: "tissue", Art: Art{"pack", "#f1f1ee", "#8aa0b0"}},
		{Item: 403, Name: "Matches", FR: "Allumettes", AR: "أعواد ثقاب", ID: "Korek api kayu", Price: 49, Tax: "B", Age: 18, WeightG: 11, SDG: 0.5, Group: "cleaning", Synonyms: "fire", Art: Art{"box", "#c8553d", "#f0e0cf"}},
		{Item: 404, Name: "Toothpaste", FR: "Dentifrice", AR: "معجون أسنان", ID: "Pasta gigi", Price: 129, Tax: "B", WeightG: 118, SDG: 1.5, Group: "care", Synonyms: "teeth dental", Art: Art{"bar", "#dfeaf2", "#2f6db0"}},
		{Item: 405, Name: "Birthday card", FR: "Carte d’anniversaire", AR: "بطاقة عيد ميلاد", ID: "Kartu ulang tahun", Price: 250, Tax: "B", WeightG: 14, SDG: 1.5, Group: "cards", Synonyms: "paper gift", Art: Art{"card", "#f3d9e2", "#a84a7a"}},
		{Item: 406, Name: "Gift voucher at the till", FR: "Bon cadeau en caisse", AR: "قسيمة هدية من الصندوق", ID: "Kartu hadiah di kasir", Price: 2500, Tax: "B", WeightG: 6, SDG: 0.5, Group: "cards", Flags: "attendant-only", Synonyms: "gift", Art: Art{"card", "#f4d35e", "#8a6a00"}},
		{Item: 407, Name: "Peanut bar (not sold now)", FR: "Barre cacahuète (retirée)", AR: "لوح الفول السوداني (موقوف)", ID: "Kacang batang (ditarik)", Price: 99, WeightG: 41, SDG: 0.8, Group: "sweets", Flags: "sale-stop", Synonyms: "nuts", Art: Art{"bar", "#c99a4b", "#6b4a1e"}},
	}
}
