# Not yet read by a native speaker.
title = Ushauri wa kilimo
exit = Toka
bye = Asante. Kwaheri.
language = Lugha - Language - Langue
yes = Ndiyo
no = Hapana
today = Leo
yesterday = Jana

menu-ask = Uliza swali
menu-answers = Majibu yangu
menu-planted = Nimepanda
menu-crop = Badilisha zao au ushauri
menu-rate = Ulikusaidia?
menu-leave = Sitaki ushauri tena
menu-language = Lugha

crop = Ushauri wa bure kwa SMS. Zao lako kuu?
maize = Mahindi
beans = Maharage
cassava = Muhogo
topics = Ushauri upi? Andika namba zote unazotaka, kama 1 3
growing = Kulima
storing = Kuhifadhi
selling = Kuuza
group-code = Namba ya kikundi au kiongozi wako?
no-code = Sina
consent = Ofisi ya kilimo inahifadhi namba na zao lako ili ikushauri. Unaweza kuacha. Unakubali?
refused = Hakuna kilichohifadhiwa. Unaweza kujiunga baadaye: piga tena.
given-name = Jina lako la kwanza?
village = Kijiji chako?
joined = Umejiunga. Ushauri unakuja kwa SMS. Ukishapanda, piga tena useme: ushauri utafuata siku hiyo. STOP inasimamisha SMS zote.

question = Swali lako, kwa maneno machache?
asked = Asante. Jibu linakuja kwa SMS, na liko chini ya Majibu yangu.
answers = Majibu:
each-line = { $events }
no-answer = Bado hakuna jibu. Litakuja kwa SMS.

planted-crop = Umepanda nini?
planted-day = Ulipanda siku gani, kama 17052026?
planted = Asante. Ushauri sasa unafuata siku hiyo.

rating = Ushauri na majibu vilikusaidia?
rating-good = Vilisaidia
rating-partly = Kiasi
rating-no = Havikusaidia
rated = Asante. Inatusaidia kuboresha.

leave = Usipate ushauri tena?
has-left = Hutapata ushauri tena. Kujiunga tena, piga namba hii.

menu-questions = Maswali wazi
menu-ratings = Ulisaidia?
questions = Swali lipi?
no-question = Kila swali lina jibu lake.
reply = { $open_question }
    Jibu lako?
replied = Jibu limetumwa.
ratings = Maoni ya wakulima:
no-rating = Bado hakuna maoni.

question-line = { $day }: { $question }
answer-line = { $day }: { $reply }
answer-text = Kwa swali lako: { $reply }
rating-line = { $day }: { $rating }
event-joined = Amejiunga
event-left = Ameacha
event-planted = Amepanda
event-question = Swali
event-answer = Jibu
event-rating = Maoni

tip-maize-seed = Mahindi: nunua mbegu inayojulikana, jaribu punje 20 kwenye kitambaa chenye maji. Zikiota chini ya 16 kwa wiki, tafuta nyingine.
tip-maize-weed = Mahindi: palilia sasa, wiki mbili baada ya kupanda. Magugu huharibu zaidi wiki sita za kwanza.
tip-maize-feed = Mahindi: mimea imefika magotini. Weka samadi au mbolea kando ya kila mmea udongo ukiwa na maji, si juu ya majani.
tip-maize-harvest = Mahindi: vuna maganda yakiwa makavu na ya kahawia. Yakikaa shambani hulowa na kuota ukungu.
tip-beans-seed = Maharage: chagua mbegu kwa mkono. Usipande zenye matundu, madoa au mikunjo.
tip-beans-weed = Maharage: palilia sasa, na tena kabla ya maua. Usiingie majani yakiwa na maji: utasambaza ugonjwa.
tip-beans-flower = Maharage: angalia chini ya majani mara mbili kwa wiki. Ng'oa yenye majani ya njano au yaliyojikunja, uyafukie.
tip-beans-harvest = Maharage: ng'oa maganda yakiwa makavu na ya njano, asubuhi ili yasipasuke.
tip-cassava-seed = Muhogo: kata vijiti kwenye mimea yenye afya, urefu wa mkono na nusu, macho matano hadi saba. Acha vyenye madoa.
tip-cassava-weed = Muhogo: palilia sasa, na tena mwezi wa pili na wa tatu. Baadaye kivuli chake kitakusaidia.
tip-cassava-look = Muhogo: majani madogo, yaliyopinda au ya njano ni ugonjwa. Ng'oa mimea hiyo uichome.
tip-cassava-harvest = Muhogo: chimba mmoja uonje. Vuna tu unaokula au kuuza ndani ya siku mbili.
tip-grain-dry = Kuhifadhi: kausha nafaka juu ya turubai, si chini. Imekauka ikivunjika kwa meno bila kupinda.
tip-grain-keep = Kuhifadhi: weka nafaka kavu kwenye mifuko safi iliyofungwa, mbali na sakafu na kuta. Tafuta wadudu kila wiki mbili.
tip-cassava-keep = Kuhifadhi: muhogo mbichi hukaa siku mbili. Ili ukae zaidi, menya, katakata na kausha juani juu ya turubai.
tip-sell-price = Kuuza: uliza bei kwa wanunuzi watatu kabla ya kuuza, na uone ukipimwa.
tip-sell-group = Kuuza: uza pamoja na majirani. Mzigo kamili hupata bei nzuri na mnagawana usafiri.

form-question = Swali
form-crop = Zao
form-topics = Ushauri
form-code = Namba ya kikundi
form-consent = Kibali chako
form-name = Jina la kwanza
form-village = Kijiji
