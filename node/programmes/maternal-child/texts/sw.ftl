# Not yet read by a native speaker.
menu = Mama na mtoto
menu-register = Sajili mama na mtoto
menu-work = Kazi yangu
menu-language = Lugha
exit = Toka
bye = Asante. Kwaheri.
work = Usajili wako: { $total }
    { $held } hapa, { $carried } kituoni
    { $accepted } umekubaliwa, { $effective } umekamilika
    { $rejected } umekataliwa, { $conflict } unakaguliwa
language = Lugha - Language - Langue

mother-given-name = Jina la kwanza la mama?
mother-family-name = Jina la ukoo la mama?
mother-birth-date = Mama alizaliwa: mwaka kama 1994 au siku kama 17051994?
mother-phone = Namba ya simu ya mama?
no-phone = Hana simu
mother-village = Kijiji cha mama?
mother-national-id = Namba ya kitambulisho cha mama?
no-national-id = Hana kitambulisho
consent = Wizara ya Afya inahifadhi habari hizi kwa huduma ya mama na mtoto. Je, mama anakubali?
yes = Ndiyo
no = Hapana
consent-refused = Hakuna kilichohifadhiwa. Mama atapata huduma kama awali.

child-given-name = Jina la kwanza la mtoto?
not-named = Hana jina bado
child-family-name = Jina la ukoo la mtoto?
child-sex = Jinsia ya mtoto?
female = Mwanamke
male = Mwanamume
child-birth-date = Siku mtoto alipozaliwa, kama 17052026?
today = Leo
yesterday = Jana
child-place-of-birth = Mtoto alizaliwa wapi?
place-home = Nyumbani
place-clinic = Kituo cha afya
place-other = Kwingine

summary = Mama: { $mother_given_name } { $mother_family_name }, { $mother_birth_date }, { $mother_phone }, { $mother_village }
    Mtoto: { $child_given_name } { $child_family_name }, { $child_sex }, { $child_birth_date }
save = Hifadhi
change = Badilisha
cancel = Ghairi
cancelled = Hakuna kilichohifadhiwa. Kwaheri.
change-what = Ubadilishe nini?
change-mother-given-name = Jina la kwanza la mama
change-mother-family-name = Jina la ukoo la mama
change-mother-birth-date = Kuzaliwa kwa mama
change-mother-phone = Simu
change-mother-village = Kijiji
change-mother-national-id = Kitambulisho
change-child-given-name = Jina la kwanza la mtoto
change-child-family-name = Jina la ukoo la mtoto
change-child-sex = Jinsia ya mtoto
change-child-birth-date = Siku ya kuzaliwa
change-child-place-of-birth = Mahali pa kuzaliwa
registered = Usajili: { $status }
    Mama { $mother_number }
    Mtoto { $child_number }
    Tafadhali andika namba zote mbili.

citizen-menu = Huduma za umma
menu-status = Usajili wangu
status-title = Usajili wako:
status-line = { $number } { $status }

form-consent = Ridhaa ya mama
