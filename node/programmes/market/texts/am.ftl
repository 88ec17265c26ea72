# Not yet read by a native speaker.
title = ገበያ
exit = ውጣ
bye = እናመሰግናለን። ደህና ይሁኑ።
language = ቋንቋ - Language - Langue
yes = አዎ
no = አይ
consent = የገበያ ቢሮ ስምና ዕቃ ይይዛል፤ ስልክ ለማንም አያሳይም። ይስማማሉ?
given-name = ስምዎ?
village = መንደርዎ?

menu-sell = ዕቃ አቅርብ
menu-look = ዕቃዎችን ይመልከቱ
menu-trade = ግዢ፣ ሽያጭ፣ መልእክቶቼ
offered-now = ዕቃዎች፦
menu-find = ዕቃ ፈልግ
menu-wanted = የገዢ መልእክት
menu-answered = የሻጭ መልስ
menu-payments = የክፍያ ማስታወቂያ
menu-close = አቅርቦት ጨርስ
menu-language = ቋንቋ

product = ምን ይሸጣሉ?
find-product = ምን ይፈልጋሉ?
maize = በቆሎ
beans = ባቄላ
cassava = ካሳቫ
coffee = ቡና
quantity = ስንት ኪሎ?
price = የአንድ ኪሎ ዋጋ?
offer-place = ዕቃው የት ነው?
offered = አቅርቦትዎ ተቀምጧል። ገዢዎች ስልክዎን ሳያዩ ይጽፋሉ።

offers = አዲስ አቅርቦቶች፦
no-offer = አሁን የሚሸጥ የለም። ከጥቂት ቀን በኋላ ይመልከቱ።
message = { $offer }
    ለሻጩ መልእክትዎ?
sent = መልእክትዎ ተልኳል። መልሱ በSMS ይመጣል።

wanted = የትኛው መልእክት?
no-message = መልእክት የለም።
reply = { $wanted }
    መልስዎ?
replied = መልስዎ ተልኳል።

answered = የትኛው መልስ?
deal = { $answered }
have-paid = ከፍያለሁ
amount = ስንት ከፈሉ?
paid = መክፈልዎ ለሻጩ ይነገረዋል። ማስረጃዎን ይያዙ።
payments = ከፍለናል ያሉ ገዢዎች፦
no-payment = ገና ከፈልኩ ያለ የለም።
each-line = { $events }

own = የትኛው አበቃ?
no-own = አሁን አቅርቦት የለዎትም።
closed = አቅርቦቱ አይታይም።

offer-line = { $product } { $quantity } ኪሎ x { $price }፣ { $offer_place }
interest-line = { $day } { $product }፦ { $message }
interest-text = ስለ አቅርቦትዎ፦ { $message } ለመመለስ ኮዱን ይደውሉ።
reply-line = { $day }፦ { $reply }
reply-text = ስለሚፈልጉት፦ { $reply }
payment-line = { $day }፦ { $amount }
payment-text = ስለ አቅርቦትዎ ማስታወቂያ አለ። ለማየት ኮዱን ይደውሉ።
event-joined = ተቀላቀለ
event-offer = አቅርቦት
event-closed = አቅርቦት አበቃ
event-interest = መልእክት
event-reply = መልስ
event-payment = የክፍያ ማስታወቂያ

form-product = ዕቃ
form-quantity = ኪሎ
form-price = ዋጋ
form-place = ቦታ
