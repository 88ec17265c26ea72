# Not yet read by a native speaker.
title = Soko
exit = Toka
bye = Asante. Kwaheri.
language = Lugha - Language - Langue
yes = Ndiyo
no = Hapana
consent = Ofisi ya soko inahifadhi jina, namba na bidhaa zako, na haionyeshi namba kwa mtu. Unakubali?
given-name = Jina lako la kwanza?
village = Kijiji chako?

menu-sell = Weka bidhaa
menu-look = Angalia bidhaa
menu-trade = Nunua, uza, ujumbe wangu
offered-now = Bidhaa:
menu-find = Tafuta bidhaa
menu-wanted = Ujumbe wa wanunuzi
menu-answered = Majibu ya wauzaji
menu-payments = Taarifa za malipo
menu-close = Ondoa bidhaa
menu-language = Lugha

product = Unauza nini?
find-product = Unatafuta nini?
maize = Mahindi
beans = Maharage
cassava = Muhogo
coffee = Kahawa
quantity = Kilo ngapi?
price = Bei ya kilo moja, kwa shilingi?
offer-place = Bidhaa iko wapi?
offered = Bidhaa yako imewekwa. Wanunuzi watakuandikia bila kuona namba yako.

offers = Bidhaa mpya:
no-offer = Hakuna anayeuza sasa. Angalia tena baada ya siku chache.
message = { $offer }
    Ujumbe wako kwa muuzaji?
sent = Ujumbe wako umetumwa. Jibu linakuja kwa SMS.

wanted = Ujumbe upi?
no-message = Hakuna ujumbe.
reply = { $wanted }
    Jibu lako?
replied = Jibu lako limetumwa.

answered = Jibu lipi?
deal = { $answered }
have-paid = Nimelipa
amount = Umelipa kiasi gani, kwa shilingi?
paid = Muuzaji anaambiwa kuwa umelipa. Tunza uthibitisho wa malipo.
payments = Wanunuzi wanasema wamelipa:
no-payment = Bado hakuna mnunuzi aliyesema.
each-line = { $events }

own = Bidhaa ipi imekwisha?
no-own = Huna bidhaa sasa.
closed = Bidhaa haionyeshwi tena.

offer-line = { $product } { $quantity } kg x { $price }, { $offer_place }
interest-line = { $day } { $product }: { $message }
interest-text = Kuhusu bidhaa yako: { $message } - Piga namba ya huduma kujibu.
reply-line = { $day }: { $reply }
reply-text = Kuhusu unachotafuta: { $reply }
payment-line = { $day }: { $amount }
payment-text = Kuna taarifa kuhusu bidhaa yako. Piga namba ya huduma kuiona.
event-joined = Amejiunga
event-offer = Bidhaa
event-closed = Bidhaa imeondolewa
event-interest = Ujumbe
event-reply = Jibu
event-payment = Taarifa ya malipo

form-product = Bidhaa
form-quantity = Kilo
form-price = Bei
form-place = Mahali
